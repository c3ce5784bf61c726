//! Wires the archive of journals to AWS and runs it on Lambda.

use aws_dynamodb::{CheckRun, Directory, OrgTables};
use aws_kms::JournalKeys;
use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use aws_s3::Bucket;
use domain::health::ARCHIVE;
use journal_archive::App;
use lambda::env;
use lambda_runtime::{LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    let start = lambda::start();
    let app = App {
        directory: Directory::new(&start.aws, env("DIRECTORY_TABLE")?, env("OUTBOX_TABLE")?),
        tables: OrgTables::new(&start.aws, &start.source),
        journal_keys: JournalKeys::new(&start.aws, &env("JOURNAL_KEYS")?),
        archive: Bucket::new(&start.aws, env("ARCHIVE_BUCKET")?),
        source: start.source,
    };
    lambda_runtime::run(service_fn(async |_: LambdaEvent<EventBridgeEvent>| {
        let copied = app.round().await?;
        let (check, at) = (ARCHIVE.to_owned(), app.source.now());
        app.directory.put_check_run(&CheckRun { check, at }).await?;
        tracing::info!(copied.organizations, copied.entries, "copied journals");
        Ok::<_, lambda::Error>(())
    }))
    .await
}
