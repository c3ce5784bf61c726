//! Wires the organisations' router to AWS and runs it on Lambda.

use aws_dynamodb::{Directory, OrgTables, RateLeases};
use aws_kms::JournalKeys;
use aws_s3::Bucket;
use aws_sqs::Queue;
use domain::task::TaskSigner;
use jiff::SignedDuration;
use lambda::env;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    let start = lambda::start();
    let limits = start.rate_limits(RateLeases::new(&start.aws, env("DIRECTORY_TABLE")?))?;
    let secret = aws_secrets::read(&start.aws, &env("TASK_SIGNING_SECRET")?).await?;
    let app = organizations::App {
        directory: Directory::new(&start.aws, env("DIRECTORY_TABLE")?, env("OUTBOX_TABLE")?),
        tables: OrgTables::new(&start.aws, &start.source),
        tasks: Queue::new(&start.aws, env("TASK_QUEUE_URL")?),
        storage: Bucket::new(&start.aws, env("STORAGE_BUCKET")?),
        signer: TaskSigner::new(secret.as_bytes()),
        journal_keys: JournalKeys::new(&start.aws, &env("JOURNAL_KEYS")?),
        public_keys: std::sync::Arc::default(),
        closing: closing(&env("CLOSING_DAYS")?)?,
        source: start.source,
    };
    lambda::serve_http(organizations::router(app), limits).await
}

/// How long an organisation is closing, from days in the environment.
fn closing(days: &str) -> Result<SignedDuration, lambda::Error> {
    let days: u16 = days.parse()?;
    Ok(SignedDuration::from_hours(24 * i64::from(days.max(1))))
}
