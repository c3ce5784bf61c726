//! Wires the identity router to AWS and runs it on Lambda.

use aws_cognito::UserPool;
use aws_dynamodb::{Directory, RateLeases};
use aws_sqs::Queue;
use lambda::env;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    let start = lambda::start();
    let limits = start.rate_limits(RateLeases::new(&start.aws, env("DIRECTORY_TABLE")?))?;
    let app = identity::App {
        pool: UserPool::new(&start.aws, env("USER_POOL_ID")?, env("USER_POOL_CLIENT_ID")?),
        directory: Directory::new(&start.aws, env("DIRECTORY_TABLE")?, env("OUTBOX_TABLE")?),
        federation: identity::Federation::from_env(&start)?.map(std::sync::Arc::new),
        tasks: Queue::new(&start.aws, env("TASK_QUEUE_URL")?),
        source: start.source,
    };
    lambda::serve_http(identity::router(app), limits).await
}
