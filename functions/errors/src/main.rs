//! Wires the noticing of errors to AWS and runs it on Lambda.

use aws_dynamodb::Directory;
use aws_lambda_events::event::cloudwatch_logs::LogsEvent;
use aws_sns::Topic;
use errors::App;
use lambda::env;
use lambda_runtime::{LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    let start = lambda::start();
    let app = App {
        counts: Directory::new(&start.aws, env("DIRECTORY_TABLE")?, env("OUTBOX_TABLE")?),
        staff: Topic::new(&start.aws, env("OPERATIONS_TOPIC_ARN")?),
        stage: env("STAGE")?,
        source: start.source,
    };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<LogsEvent>| {
        app.handle(event.payload).await.map_err(lambda::Error::from)
    }))
    .await
}
