//! What the chaos is let loose on: organisations with devices that are to be purged, and the worker's processes.

use crate::line::Line;
use aws_config::SdkConfig;
use aws_dynamodb::{Directory, EventRow, OrgTable, OrgTables, Stream};
use aws_sqs::Queue;
use domain::organization::OrgStatus;
use domain::reading::VariableName;
use domain::task::{Task, TaskKind};
use domain::{Clock, DeviceId, EventId, Grant, OrgId, Random, Source};
use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use local::Cloud;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use tests::{Api, Emulator, Organization, Person, aws};

/// A message that no version of the system has ever sent.
pub const UNREADABLE: &str = "{\"type\":\"greeting\"}";
/// How many of them.
pub const UNREADABLE_ONES: usize = 5;
/// A kind that this version of the system does not know.
const UNKNOWN: &str = "device.repaint";
/// How many organisations share the work.
const ORGANIZATIONS: usize = 8;
/// How many calls are on their way at once.
const AT_ONCE: usize = 16;

/// The organisations, and all that belongs to them.
#[derive(Clone)]
pub struct Plant {
    /// The cloud from behind.
    pub emulator: Emulator,
    staff: Api,
    owner: Person,
    orgs: Vec<Organization>,
    aws: SdkConfig,
    source: Source,
    ahead: Arc<AtomicI64>,
}

/// A clock that is ahead of all others.
struct Ahead(Source, Arc<AtomicI64>);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        self.0.now() + SignedDuration::from_mins(self.1.load(Ordering::Relaxed))
    }
}

impl Random for Ahead {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill_with(|| self.0.bytes::<1>()[0]);
    }
}

impl Plant {
    /// Organisations of one owner.
    pub async fn new(cloud: &Cloud) -> Self {
        let owner = Person::at(&Api::at(&cloud.base_url()), "Ada").await;
        let orgs = (0..ORGANIZATIONS).map(|n| {
            let owner = owner.clone();
            async move { owner.organization(&format!("Plant {n}")).await }
        });
        Self {
            orgs: futures::future::join_all(orgs).await,
            staff: owner.as_staff(&cloud.endpoint()).await.api,
            emulator: Emulator::at(&cloud.endpoint()),
            aws: Line::new(None).aws(&cloud.endpoint()).await,
            source: lambda::system(),
            ahead: Arc::default(),
            owner,
        }
    }

    fn directory(&self) -> Directory {
        let name = |table| format!("millwright-local-{table}");
        Directory::new(&self.aws, name("directory"), name("outbox"))
    }

    /// The names of the organisations' tables.
    pub fn tables(&self) -> impl Iterator<Item = String> {
        self.orgs.iter().map(Organization::table)
    }

    fn open(&self, org: &Organization) -> (OrgId, OrgTable) {
        let id: OrgId = org.id.parse().unwrap();
        let grant = Grant::for_task(id, self.owner.id.clone(), OrgStatus::Active, Some(org.table()));
        (id, OrgTables::new(&self.aws, &self.source).open(&grant).unwrap())
    }

    /// A throw of the dice.
    pub fn dice(&self) -> u8 {
        self.source.bytes::<1>()[0]
    }

    /// A time up to twice as long as that.
    pub fn some(&self, length: Duration) -> Duration {
        length * u32::from(self.dice()) / 128
    }

    /// So many tasks that purge devices, one in `poison` of them of an unknown kind: the good ones, and the poison.
    pub async fn lay_out(&self, tasks: usize, poison: usize) -> (Vec<Task>, Vec<Task>) {
        let laid = stream::iter(0..tasks).map(|n| async move { (n % poison == 0, self.lay(n, n % poison == 0).await) });
        let laid: Vec<_> = laid.buffer_unordered(AT_ONCE).collect().await;
        let (poisoned, good): (Vec<_>, Vec<_>) = laid.into_iter().partition(|(poison, _)| *poison);
        let tasks = |those: Vec<(bool, Task)>| those.into_iter().map(|(_, task)| task).collect();
        (tasks(good), tasks(poisoned))
    }

    /// What a deleted device leaves behind, and the task that is to purge it.
    async fn lay(&self, n: usize, poison: bool) -> Task {
        let (org, table) = self.open(&self.orgs[n % ORGANIZATIONS]);
        let (device, now): (DeviceId, _) = (self.source.id(), self.source.now());
        let stream = Stream::new(VariableName::parse("temperature").unwrap(), now, 1);
        let event = EventRow {
            id: EventId::first_at(1),
            variable: VariableName::from_stream(0x5001),
            local_id: Some(1),
            extra_data: None,
            data: None,
        };
        table.note_stream(device, &stream).await.unwrap();
        table.put_events(device, vec![event]).await.unwrap();
        let task = Task::queued(self.source.id(), org, TaskKind::PurgeDevice, self.owner.id.clone(), now);
        let task = task.with_input(json!({ "device": device }));
        let kind = if poison { UNKNOWN } else { task.kind.as_str() }.to_owned();
        let task = Task { kind, ..task };
        assert!(self.directory().accept_task(&task).await.unwrap());
        task
    }

    /// Sends each task's message twice or thrice, but that of one in ten not at all; all of them shuffled, with some that cannot be read.
    pub async fn send_in_any_order(&self, good: &[Task], poison: &[Task]) {
        let mut messages = vec![UNREADABLE.to_owned(); UNREADABLE_ONES];
        for (n, task) in good.iter().chain(poison).enumerate() {
            let times = if n % 10 == 0 { 0 } else { 2 + n % 2 };
            messages.extend(vec![json!(task.message()).to_string(); times]);
        }
        messages.sort_by_cached_key(|_| self.source.bytes::<8>());
        let batches = stream::iter(messages.chunks(10).map(<[String]>::to_vec));
        let sent = batches.map(|batch| async move { self.emulator.send_batch("millwright-local-tasks", &batch).await });
        sent.buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
    }

    /// Waits until no task is left that has not ended, sweeping whenever the queue is empty.
    pub async fn until_all_have_ended(&self, patience: Instant) {
        let queue = self.emulator.queue("millwright-local-tasks");
        let tasks = Queue::new(&self.aws, queue);
        loop {
            tokio::time::sleep(Duration::from_secs(2)).await;
            let left = self.emulator.rows("millwright-local-outbox").await.len();
            if left == 0 {
                return;
            }
            assert!(Instant::now() < patience, "{left} tasks have not ended");
            if tasks.depths().await.unwrap().waiting == 0 {
                self.sweep(&tasks).await;
            }
        }
    }

    /// Sweeps with a clock that is further ahead each time, since a sweep leaves alone for a while what it has just woken.
    async fn sweep(&self, tasks: &Queue) {
        self.ahead.fetch_add(15, Ordering::Relaxed);
        let clock = || Ahead(self.source.clone(), self.ahead.clone());
        let sweeper = sweeper::App {
            directory: self.directory(),
            tasks: tasks.clone(),
            source: Source::new(clock(), clock()),
        };
        sweeper.sweep().await.unwrap();
    }

    /// How many of these tasks are in which state.
    pub async fn statuses(&self, tasks: &[Task]) -> Vec<(String, usize)> {
        let rows = self.emulator.rows(aws::DIRECTORY).await;
        let rows = rows
            .iter()
            .filter_map(|row| Some((row["id"].as_str()?, row["status"].as_str()?)));
        let rows: BTreeMap<_, _> = rows.collect();
        let mut found = BTreeMap::new();
        for task in tasks {
            let status = rows.get(task.id.to_string().as_str()).copied().unwrap_or("lost");
            *found.entry(status.to_owned()).or_default() += 1;
        }
        found.into_iter().collect()
    }

    /// Waits for the messages that nobody can read: no row tells of their end, and one that a killed worker held is hidden for a while.
    pub async fn until_the_unreadable_are_dead_letters(&self, patience: Instant) {
        let is_one = |letter: &&Value| letter["Body"] == UNREADABLE;
        while self.dead_letters().await.iter().filter(is_one).count() < UNREADABLE_ONES && Instant::now() < patience {
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    }

    /// Every dead letter of the tasks' queue; they stay where they are.
    pub async fn dead_letters(&self) -> Vec<Value> {
        let (mut letters, queue) = (Vec::new(), "millwright-local-tasks-dlq");
        loop {
            let some = self.emulator.take(queue, 10, 20).await;
            if some.is_empty() {
                break;
            }
            letters.extend(some);
        }
        for letter in &letters {
            self.emulator.put_back(queue, letter).await;
        }
        letters
    }

    /// Puts the kind right, as a deployment does that knows it.
    pub async fn mend(&self, poison: &[Task]) {
        for task in poison {
            let key = json!({ "pk": { "S": format!("ORG#{}", task.org.unwrap()) }, "sk": { "S": format!("TASK#{}", task.id) } });
            let update = json!({
                "TableName": aws::DIRECTORY, "Key": key, "UpdateExpression": "SET kind = :kind",
                "ExpressionAttributeValues": { ":kind": { "S": TaskKind::PurgeDevice.as_str() } },
            });
            self.emulator.call("DynamoDB_20120810.UpdateItem", &update).await;
        }
    }

    /// Has staff send every dead letter back.
    pub async fn redrive(&self) {
        let path = "/v1/admin/queues/tasks/redrive";
        loop {
            let answer = self.staff.post(path, &json!({})).await;
            // Unreadable ones come back, as new letters.
            if answer.status == 409 || answer.expect(200)["left"].as_u64() <= Some(UNREADABLE_ONES as u64) {
                return;
            }
        }
    }
}
