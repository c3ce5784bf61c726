//! Wires the status router to AWS and runs it on Lambda.

use aws_dynamodb::Directory;
use lambda::env;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    let start = lambda::start().await;
    let directory = Directory::new(&start.aws, env("DIRECTORY_TABLE")?, env("OUTBOX_TABLE")?);
    lambda::serve_http(status::router(status::App {
        directory,
        source: start.source,
    }))
    .await
}
