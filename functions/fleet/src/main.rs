//! Wires the fleet's router to AWS and runs it on Lambda.

use aws_dynamodb::OrgTables;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    let start = lambda::start().await;
    let tables = OrgTables::new(&start.aws, &start.source);
    lambda::serve_http(fleet::router(fleet::App {
        tables,
        source: start.source,
    }))
    .await
}
