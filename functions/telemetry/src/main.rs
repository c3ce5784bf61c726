//! Wires telemetry's router to AWS and runs it on Lambda.

use aws_dynamodb::{Directory, OrgTables, RateLeases};
use aws_s3::Bucket;
use aws_sqs::Queue;
use domain::task::TaskSigner;
use lambda::env;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    let start = lambda::start();
    let limits = start.rate_limits(RateLeases::new(&start.aws, env("DIRECTORY_TABLE")?))?;
    let secret = aws_secrets::read(&start.aws, &env("TASK_SIGNING_SECRET")?).await?;
    let storage = Bucket::new(&start.aws, env("STORAGE_BUCKET")?);
    let app = telemetry::App {
        tables: OrgTables::new(&start.aws, &start.source).with_files(storage.clone()),
        directory: Directory::new(&start.aws, env("DIRECTORY_TABLE")?, env("OUTBOX_TABLE")?),
        tasks: Queue::new(&start.aws, env("TASK_QUEUE_URL")?),
        readings: Queue::new(&start.aws, env("READINGS_QUEUE_URL")?),
        reports: Queue::new(&start.aws, env("REPORTS_QUEUE_URL")?),
        storage,
        signer: TaskSigner::new(secret.as_bytes()),
        source: start.source,
    };
    lambda::serve_http(telemetry::router(app), limits).await
}
