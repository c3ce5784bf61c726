//! Wires the operators' router to AWS and runs it on Lambda.

use aws_dynamodb::{Directory, RateLeases};
use aws_lambda::Mapping;
use aws_sqs::Queue;
use domain::queue::QUEUES;
use lambda::env;
use operations::{App, ManagedQueue};
use std::time::Duration;

/// One try of one AWS call.
const ATTEMPT: Duration = Duration::from_secs(2);
/// All tries of it: the last letter of a step still has time for its two calls within the function's 25 s.
const OPERATION: Duration = Duration::from_secs(5);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    let start = lambda::start_within(ATTEMPT, OPERATION);
    let limits = start.rate_limits(RateLeases::new(&start.aws, env("DIRECTORY_TABLE")?))?;
    let managed = |(name, prefix): &(&'static str, &str)| {
        let address = |what: &str| env(&format!("{prefix}_{what}"));
        Ok::<_, lambda::Error>(ManagedQueue {
            name,
            queue: Queue::new(&start.aws, address("QUEUE_URL")?),
            dead: Queue::new(&start.aws, address("DLQ_URL")?),
            mapping: Mapping::new(&start.aws, address("MAPPING_ID")?),
        })
    };
    let app = App {
        directory: Directory::new(&start.aws, env("DIRECTORY_TABLE")?, env("OUTBOX_TABLE")?),
        queues: QUEUES.iter().map(managed).collect::<Result<_, _>>()?,
        source: start.source,
    };
    lambda::serve_http(operations::router(app), limits).await
}
