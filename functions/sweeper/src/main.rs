//! Wires the outbox's sweep to AWS and runs it on Lambda.

use aws_dynamodb::{CheckRun, Directory};
use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use aws_sqs::Queue;
use domain::health::SWEEP;
use lambda::env;
use lambda_runtime::{LambdaEvent, service_fn};
use sweeper::App;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    let start = lambda::start();
    let app = App {
        directory: Directory::new(&start.aws, env("DIRECTORY_TABLE")?, env("OUTBOX_TABLE")?),
        tasks: Queue::new(&start.aws, env("TASK_QUEUE_URL")?),
        source: start.source,
    };
    lambda_runtime::run(service_fn(async |_: LambdaEvent<EventBridgeEvent>| {
        let swept = app.sweep().await?;
        let (check, at) = (SWEEP.to_owned(), app.source.now());
        app.directory.put_check_run(&CheckRun { check, at }).await?;
        tracing::info!(swept.woken, swept.cleared, "swept the outbox");
        Ok::<_, lambda::Error>(())
    }))
    .await
}
