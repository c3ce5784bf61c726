//! Wires the AWS worker to its queue and runs it on Lambda.

use aws_cloudformation::Stacks;
use aws_cognito::UserPool;
use aws_config::SdkConfig;
use aws_costexplorer::CostExplorer;
use aws_dynamodb::{Directory, OrgTables};
use aws_kms::JournalKeys;
use aws_s3::Bucket;
use aws_secrets::Sealing;
use aws_ses::Mailer;
use aws_sns::{Topic, Topics};
use aws_sqs::{DeadLetterQueues, Queue};
use aws_worker::{App, Deployment};
use dns::Resolver;
use domain::filter::webhook::PlainHosts;
use lambda::{Start, StartError, env};
use webhooks::Poster;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    let start = lambda::start();
    let resolver = Resolver::new(&env("DNS_SERVERS").unwrap_or_default())?;
    let plain_hosts = PlainHosts::of(&env("WEBHOOK_PLAIN_HOSTS").unwrap_or_default());
    let storage = Bucket::new(&start.aws, env("STORAGE_BUCKET")?);
    let app = App {
        directory: Directory::new(&start.aws, env("DIRECTORY_TABLE")?, env("OUTBOX_TABLE")?),
        tables: OrgTables::new(&start.aws, &start.source).with_files(storage.clone()),
        stacks: Stacks::new(&start.aws),
        pool: UserPool::new(&start.aws, env("USER_POOL_ID")?, env("USER_POOL_CLIENT_ID")?),
        storage,
        journal_keys: JournalKeys::new(&start.aws, &env("JOURNAL_KEYS")?),
        queue: Queue::new(&start.aws, env("TASK_QUEUE_URL")?),
        mailer: mailer(&start.aws),
        operations: Topic::new(&start.aws, env("OPERATIONS_TOPIC_ARN")?),
        poster: Poster::new(resolver.clone(), plain_hosts),
        resolver,
        sealing: Sealing::new(&start.aws, env("FILTER_KEY_SECRET")?, "filters"),
        filter_topics: Topics::new(&start.aws, env("FILTER_TOPIC_PREFIX")?),
        cost_explorer: cost_explorer(&start)?,
        readings: Queue::new(&start.aws, env("READINGS_QUEUE_URL")?),
        deployment: Deployment {
            stage: env("STAGE")?,
            table_prefix: env("ORG_TABLE_PREFIX")?,
            stack_role: env("ORG_STACK_ROLE_ARN").ok(),
            kms_key: env("KMS_KEY_ARN").unwrap_or_default(),
            cost_centre: env("COST_CENTRE")?,
            public_url: env("PUBLIC_URL").unwrap_or_default(),
        },
        source: start.source,
    };
    let dead = DeadLetterQueues::from_env(&start.aws, &[("TASK_QUEUE_URL", "TASK_DLQ_URL")])?;
    lambda::serve_batches(app, dead).await
}

/// Who tells what AWS has billed, where the deployment asks anybody.
fn cost_explorer(start: &Start) -> Result<Option<CostExplorer>, StartError> {
    let Ok(url) = env("COST_EXPLORER_URL") else {
        return Ok(None);
    };
    let of = (url, env("STAGE")?);
    let explorer = CostExplorer::new(&start.aws, start.connector.clone(), of, &start.source);
    Ok(Some(explorer))
}

/// The sender of notices, where the deployment has one.
fn mailer(aws: &SdkConfig) -> Option<Mailer> {
    let sender = env("SENDER_ADDRESS").ok()?;
    Some(Mailer::new(aws, sender, env("MAIL_CONFIGURATION_SET").ok()))
}
