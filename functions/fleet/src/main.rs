//! Wires the fleet's router to AWS and runs it on Lambda.

use aws_dynamodb::{Directory, OrgTables, RateLeases};
use aws_secrets::Sealing;
use aws_sqs::Queue;
use domain::filter::webhook::PlainHosts;
use lambda::env;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    let start = lambda::start();
    let limits = start.rate_limits(RateLeases::new(&start.aws, env("DIRECTORY_TABLE")?))?;
    let app = fleet::App {
        tables: OrgTables::new(&start.aws, &start.source),
        directory: Directory::new(&start.aws, env("DIRECTORY_TABLE")?, env("OUTBOX_TABLE")?),
        tasks: Queue::new(&start.aws, env("TASK_QUEUE_URL")?),
        sealing: Sealing::new(&start.aws, env("FILTER_KEY_SECRET")?, "filters"),
        plain_hosts: PlainHosts::of(&env("WEBHOOK_PLAIN_HOSTS").unwrap_or_default()),
        source: start.source,
    };
    lambda::serve_http(fleet::router(app), limits).await
}
