//! Wires the deletion of objects to its queue and runs it on Lambda.

use aws_s3::Bucket;
use aws_sqs::DeadLetterQueues;
use deletion::{App, Bounds};
use lambda::env;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    let start = lambda::start();
    let bucket = env("STORAGE_BUCKET")?;
    let app = App {
        storage: Bucket::new(&start.aws, bucket.clone()),
        bounds: Bounds {
            bucket,
            prefixes: env("DELETABLE_PREFIXES")?.split(',').map(str::to_owned).collect(),
        },
    };
    let dead = DeadLetterQueues::from_env(&start.aws, &[("DELETION_QUEUE_URL", "DELETION_DLQ_URL")])?;
    lambda::serve_batches(app, dead).await
}
