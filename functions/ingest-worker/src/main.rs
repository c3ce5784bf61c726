//! Wires the ingest worker to its queues and runs it on Lambda.

use aws_dynamodb::{Directory, OrgTables};
use aws_s3::Bucket;
use aws_sqs::{DeadLetterQueues, Queue};
use ingest_worker::{App, Known};
use lambda::env;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    let start = lambda::start();
    let app = App {
        directory: Directory::new(&start.aws, env("DIRECTORY_TABLE")?, env("OUTBOX_TABLE")?),
        tables: OrgTables::new(&start.aws, &start.source),
        storage: Bucket::new(&start.aws, env("STORAGE_BUCKET")?),
        tasks: Queue::new(&start.aws, env("TASK_QUEUE_URL")?),
        known: Known::default(),
        source: start.source,
    };
    let queues = [
        ("READINGS_QUEUE_URL", "READINGS_DLQ_URL"),
        ("REPORTS_QUEUE_URL", "REPORTS_DLQ_URL"),
    ];
    let dead = DeadLetterQueues::from_env(&start.aws, &queues)?;
    lambda::serve_batches(app, dead).await
}
