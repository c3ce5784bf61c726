//! Wires the scheduled health check to AWS and runs it on Lambda.

use aws_dynamodb::Directory;
use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use aws_sqs::Queue;
use health::{App, Drains, Watched};
use lambda::env;
use lambda_runtime::{LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    let start = lambda::start().await;
    let queue = |name: &str| Ok::<_, lambda::Error>(Queue::new(&start.aws, env(name)?));
    let directory = Directory::new(&start.aws, env("DIRECTORY_TABLE")?, env("OUTBOX_TABLE")?);
    let app = App {
        drains: Drains::from_env(&start, directory.clone())?,
        directory,
        tasks: queue("TASK_QUEUE_URL")?,
        watched: vec![
            Watched {
                name: "tasks",
                queue: queue("TASK_QUEUE_URL")?,
                dead: queue("TASK_DLQ_URL")?,
            },
            Watched {
                name: "readings",
                queue: queue("READINGS_QUEUE_URL")?,
                dead: queue("READINGS_DLQ_URL")?,
            },
            Watched {
                name: "reports",
                queue: queue("REPORTS_QUEUE_URL")?,
                dead: queue("REPORTS_DLQ_URL")?,
            },
        ],
        source: start.source,
    };
    lambda_runtime::run(service_fn(async |_: LambdaEvent<EventBridgeEvent>| app.check().await)).await
}
