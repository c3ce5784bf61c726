//! Wires the scheduled checks to AWS and runs them on Lambda.

use aws_dynamodb::Directory;
use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use aws_sns::Topic;
use aws_sqs::Queue;
use domain::queue::QUEUES;
use health::{App, Beating, Drains, Watched};
use lambda::env;
use lambda_runtime::{LambdaEvent, service_fn};

/// Each worker, the queue that its heartbeats go through, and what the names of the queue's variables begin with.
const WORKERS: &[(&str, &str, &str)] = &[
    ("aws-worker", "tasks", "TASK"),
    ("ingest-worker", "readings", "READINGS"),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    let start = lambda::start();
    let queue = |prefix: &str, what: &str| {
        let address = env(&format!("{prefix}_{what}"))?;
        Ok::<_, lambda::Error>(Queue::new(&start.aws, address))
    };
    let watched = |(name, prefix): &(&'static str, &str)| {
        Ok::<_, lambda::Error>(Watched {
            name,
            queue: queue(prefix, "QUEUE_URL")?,
            dead: queue(prefix, "DLQ_URL")?,
        })
    };
    let beating = |(worker, queue_name, prefix): &(&'static str, &'static str, &str)| {
        Ok::<_, lambda::Error>(Beating {
            worker,
            queue_name,
            queue: queue(prefix, "QUEUE_URL")?,
        })
    };
    let directory = Directory::new(&start.aws, env("DIRECTORY_TABLE")?, env("OUTBOX_TABLE")?);
    let app = App {
        drains: Drains::from_env(&start, directory.clone())?,
        directory,
        tasks: queue("TASK", "QUEUE_URL")?,
        watched: QUEUES.iter().map(watched).collect::<Result<_, _>>()?,
        beating: WORKERS.iter().map(beating).collect::<Result<_, _>>()?,
        operations: Topic::new(&start.aws, env("OPERATIONS_TOPIC_ARN")?),
        reads_costs: env("COST_EXPLORER_URL").is_ok(),
        stage: env("STAGE")?,
        source: start.source,
    };
    let handle = async |event: LambdaEvent<EventBridgeEvent>| app.handle(&event.payload).await;
    lambda_runtime::run(service_fn(handle)).await
}
