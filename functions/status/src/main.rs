//! Wires the status router to AWS and runs it on Lambda.

use aws_dynamodb::{Directory, RateLeases};
use lambda::env;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    let start = lambda::start();
    let limits = start.rate_limits(RateLeases::new(&start.aws, env("DIRECTORY_TABLE")?))?;
    let directory = Directory::new(&start.aws, env("DIRECTORY_TABLE")?, env("OUTBOX_TABLE")?);
    let app = status::App {
        directory,
        source: start.source,
    };
    lambda::serve_http(status::router(app), limits).await
}
