//! A deployment of one test's own beside the others on the shared local cloud: tables, queues, a bucket, a topic, and a clock that moves when
//! it is told to. The functions run in the test's process, at the end of a [`Line`] that can break.

mod people;
mod run;

use crate::line::{Fault, Line};
use crate::seeded::{Dice, Hands};
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
use aws_sqs::Queue;
use aws_worker::Deployment;
use axum::body::Body;
use axum::http::Request;
use dns::Resolver;
use domain::filter::webhook::PlainHosts;
use domain::task::Task;
use domain::{Clock, Source};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::cell::{Cell, OnceCell};
use tests::{Emulator, Receiver};
use tower::ServiceExt;
use webhooks::Poster;

/// Who mails come from.
const SENDER: &str = "millwright@example.com";

/// A deployment.
pub struct World {
    /// What the names of its parts begin with.
    pub name: String,
    /// The line of the functions.
    pub line: Line,
    /// AWS at the end of that line.
    broken: SdkConfig,
    /// AWS as the test sees it.
    pub aws: SdkConfig,
    /// Time and randomness.
    pub source: Source,
    /// The same from behind.
    pub emulator: Emulator,
    hands: Hands,
    swept: Cell<Timestamp>,
    topic: String,
    journal_key: String,
    /// The user pool, in the stories that have one.
    pool: OnceCell<String>,
    /// Who takes webhooks, in the stories that have any.
    receiver: OnceCell<Receiver>,
}

impl World {
    /// A new deployment, empty, whose functions meet with that fault.
    pub async fn new(fault: Option<Fault>) -> Self {
        let name = tests::unique("millwright").replacen('-', "-f", 1);
        let emulator = Emulator::at(tests::endpoint());
        for table in ["directory", "outbox"] {
            emulator.create_table(&format!("{name}-{table}")).await;
        }
        for queue in ["tasks", "tasks-dlq", "staff", "readings", "readings-dlq"] {
            emulator.create_queue(&format!("{name}-{queue}")).await;
        }
        emulator.create_bucket(&name).await;
        emulator.create_lockable_bucket(&format!("{name}-journals")).await;
        emulator
            .query("ses", "VerifyEmailIdentity", &[("EmailAddress", SENDER)])
            .await;
        let (line, hands) = (Line::new(fault), Hands::at_the_beginning());
        Self {
            broken: line.aws(emulator.endpoint()).await,
            line,
            aws: Line::new(None).aws(emulator.endpoint()).await,
            source: Source::new(hands.clone(), Dice::new()),
            topic: topic(&emulator, &name, &format!("{name}-staff")).await,
            journal_key: journal_key(&emulator).await,
            emulator,
            swept: Cell::new(hands.now()),
            hands,
            name,
            pool: OnceCell::new(),
            receiver: OnceCell::new(),
        }
    }

    /// The name of one of its tables or queues.
    pub fn table(&self, which: &str) -> String {
        format!("{}-{which}", self.name)
    }

    fn queue(&self, which: &str) -> String {
        self.emulator.queue(&self.table(which))
    }

    /// The directory, as the test sees it.
    pub fn directory(&self) -> Directory {
        self.directory_at(&self.aws)
    }

    fn directory_at(&self, aws: &SdkConfig) -> Directory {
        Directory::new(aws, self.table("directory"), self.table("outbox"))
    }

    /// Where organisations' tables are opened, as the test sees them.
    pub fn tables(&self) -> OrgTables {
        OrgTables::new(&self.aws, &self.source)
    }

    /// The storage bucket, as the test sees it.
    pub fn storage(&self) -> Bucket {
        Bucket::new(&self.aws, self.name.clone())
    }

    /// What the names of organisations' tables begin with.
    pub fn table_prefix(&self) -> String {
        self.table("org-")
    }

    /// The worker as a new process.
    fn worker(&self) -> aws_worker::App {
        aws_worker::App {
            directory: self.directory_at(&self.broken),
            tables: OrgTables::new(&self.broken, &self.source).with_files(Bucket::new(&self.broken, self.name.clone())),
            stacks: Stacks::new(&self.broken),
            pool: UserPool::new(
                &self.broken,
                self.pool.get().cloned().unwrap_or_default(),
                "client".to_owned(),
            ),
            storage: Bucket::new(&self.broken, self.name.clone()),
            journal_keys: JournalKeys::new(&self.broken, &self.journal_key),
            queue: Queue::new(&self.broken, self.queue("tasks")),
            mailer: Some(Mailer::new(&self.broken, self.sender(), None)),
            operations: Topic::new(&self.broken, self.topic.clone()),
            resolver: Resolver::new(&tests::dns::address()).unwrap(),
            poster: Poster::new(
                Resolver::new(&tests::dns::address()).unwrap(),
                PlainHosts::of("127.0.0.1"),
            ),
            sealing: Sealing::new(&self.broken, self.table("filter-key"), "filters"),
            filter_topics: Topics::new(&self.broken, format!("{}-filter-", self.topic)),
            cost_explorer: Some(self.cost_explorer()),
            readings: Queue::new(&self.broken, self.queue("readings")),
            deployment: Deployment {
                stage: "faults".to_owned(),
                table_prefix: self.table_prefix(),
                stack_role: None,
                kms_key: String::new(),
                cost_centre: "millwright".to_owned(),
                public_url: "https://api.example.com".to_owned(),
            },
            source: self.source.clone(),
        }
    }

    /// What tells what AWS has billed.
    fn cost_explorer(&self) -> CostExplorer {
        let of = (tests::costs::url(), "faults".to_owned());
        CostExplorer::new(&self.broken, self.line.connector(), of, &self.source)
    }

    /// The ingest worker as a new process.
    fn ingest_worker(&self) -> ingest_worker::App {
        ingest_worker::App {
            directory: self.directory_at(&self.broken),
            tables: OrgTables::new(&self.broken, &self.source),
            storage: Bucket::new(&self.broken, self.name.clone()),
            tasks: Queue::new(&self.broken, self.queue("tasks")),
            known: ingest_worker::Known::default(),
            source: self.source.clone(),
        }
    }

    /// What seals the secrets of filters, as the test sees it.
    pub fn sealing(&self) -> Sealing {
        Sealing::new(&self.aws, self.table("filter-key"), "filters")
    }

    /// The URL of somebody who takes this deployment's webhooks.
    pub async fn receiver(&self) -> String {
        let receiver = Receiver::new(&[]).await;
        let url = format!("{}/hook", receiver.url);
        let _ = self.receiver.set(receiver);
        url
    }

    /// The ids of the webhooks that were taken.
    pub fn hooks(&self) -> Vec<String> {
        let heard = self.receiver.get().map(Receiver::heard).unwrap_or_default();
        heard
            .iter()
            .map(|heard| heard.header("webhook-id").to_owned())
            .collect()
    }

    /// Makes a topic of that name behind this deployment's, into the queue of the notices.
    pub async fn topic(&self, name: &str) {
        let arn = topic(&self.emulator, &self.table(name), &self.table("staff")).await;
        assert!(arn.ends_with(name), "{arn}");
    }

    /// The archive of journals as a new process.
    pub fn archive(&self) -> journal_archive::App {
        journal_archive::App {
            directory: self.directory_at(&self.broken),
            tables: OrgTables::new(&self.broken, &self.source),
            journal_keys: JournalKeys::new(&self.broken, &self.journal_key),
            archive: Bucket::new(&self.broken, self.archive_bucket()),
            source: self.source.clone(),
        }
    }

    /// The name of the bucket of copies of journals.
    pub fn archive_bucket(&self) -> String {
        format!("{}-journals", self.name)
    }

    /// Locks what comes into that bucket for ten years, as template.yaml does.
    pub async fn lock_archive(&self) {
        let rule = "<DefaultRetention><Mode>COMPLIANCE</Mode><Days>3650</Days></DefaultRetention>";
        let lock = format!(
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>{rule}</Rule></ObjectLockConfiguration>"
        );
        let path = format!("/{}?object-lock", self.archive_bucket());
        let put = tests::Api::at(self.emulator.endpoint()).request(reqwest::Method::PUT, &path);
        let put = tests::answer(put.body(lock)).await;
        assert_eq!(put.status, 200, "{}", put.text);
    }

    /// The fleet's API as a new process.
    fn fleet(&self) -> axum::Router {
        let app = fleet::App {
            tables: OrgTables::new(&self.broken, &self.source),
            directory: self.directory_at(&self.broken),
            tasks: Queue::new(&self.broken, self.queue("tasks")),
            sealing: Sealing::new(&self.broken, self.table("filter-key"), "filters"),
            plain_hosts: PlainHosts::default(),
            source: self.source.clone(),
        };
        http_api::wrap(fleet::router(app), "*")
    }

    /// Sends the fleet a request as a client does: again where there is no answer, or none but a fault of the system's. The last status.
    pub async fn ask(&self, request: impl Fn() -> Request<Body>) -> u16 {
        loop {
            let status = tokio::select! {
                biased;
                () = self.line.death() => None,
                answer = self.fleet().oneshot(request()) => Some(answer.unwrap().status().as_u16()),
            };
            match status {
                Some(status) if status < 500 => return status,
                _ => self.hands.move_on(SignedDuration::from_secs(1)),
            };
        }
    }

    /// Wakes the worker for a task.
    pub async fn wake(&self, task: &Task) {
        let message = serde_json::to_string(&task.message()).unwrap();
        self.emulator.send(&self.table("tasks"), &message).await;
    }

    /// The mails that were sent to this deployment's one person.
    pub async fn mails(&self) -> Vec<Value> {
        let sent = self.emulator.mails().await;
        sent.into_iter()
            .filter(|mail| mail["Source"] == self.sender())
            .collect()
    }

    /// The sender of this deployment's mails: the local cloud's, by another name.
    fn sender(&self) -> String {
        format!("{} <{SENDER}>", self.name)
    }

    /// The address of this deployment's one person.
    pub fn email(&self) -> String {
        format!("{}@example.com", self.name)
    }

    /// All rows of a table; none where there is no such table.
    pub async fn rows(&self, table: &str) -> Vec<Value> {
        self.emulator.rows(&self.table(table)).await
    }
}

/// A key that signs heads of journals.
async fn journal_key(emulator: &Emulator) -> String {
    let key = json!({ "KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY" });
    let made = emulator.call("TrentService.CreateKey", &key).await;
    made["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned()
}

/// A topic into a queue.
async fn topic(emulator: &Emulator, name: &str, queue: &str) -> String {
    let answer = emulator.query("sns", "CreateTopic", &[("Name", name)]).await;
    let (_, arn) = answer.split_once("<TopicArn>").unwrap();
    let arn = arn.split('<').next().unwrap().to_owned();
    let queue = format!("arn:aws:sqs:us-east-1:000000000000:{queue}");
    let subscription = [("TopicArn", &*arn), ("Protocol", "sqs"), ("Endpoint", &*queue)];
    emulator.query("sns", "Subscribe", &subscription).await;
    arn
}
