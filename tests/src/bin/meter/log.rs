//! What the local cloud noted (`meter` in `infra/local/launcher.py`), reckoned for one piece of work and printed as YAML.

use serde_json::{Value, json};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use tests::{Emulator, Organization};

/// What CloudWatch Logs counts beside the text of each line (AWS "CloudWatch Logs quotas": 26 bytes an event).
const LINE: usize = 26;
/// What functions call that is billed by the call, beside DynamoDB.
const BILLED: [&str; 8] = [
    "sqs:SendMessage",
    "sqs:GetQueueAttributes",
    "s3:PutObject",
    "s3:GetObject",
    "sns:Publish",
    "kms:Sign",
    "secretsmanager:GetSecretValue",
    "ses:SendEmail",
];
/// Operations of DynamoDB that read; the others write.
const READS: [&str; 5] = ["GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan"];

/// The notes, from a place on.
pub struct Log {
    path: PathBuf,
    begun: Cell<usize>,
}

#[derive(Default)]
struct Sums {
    /// Milliseconds of each run, by function.
    runs: BTreeMap<String, Vec<f64>>,
    reads: f64,
    writes: f64,
    calls: BTreeMap<String, f64>,
}

impl Log {
    /// The notes of that cloud.
    pub fn of(cloud: &str) -> Self {
        let path = tests::state_dir(cloud).join("meter.log");
        Self {
            path,
            begun: Cell::new(0),
        }
    }

    /// What is there so far is nobody's.
    pub fn forget(&self) {
        self.begun.set(self.text().len());
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.path).unwrap_or_else(|error| panic!("{}: {error}", self.path.display()))
    }

    /// The sums of what was noted since, without what the clock had done where it is not the clock's turn.
    fn sums(&self, by_clock: bool) -> Sums {
        let (text, mut sums) = (self.text(), Sums::default());
        let lines = text[self.begun.get()..]
            .lines()
            .map(|line| line.split(' ').collect::<Vec<_>>());
        for line in lines {
            let number = |n: usize| {
                line.get(n)
                    .and_then(|it: &&str| it.parse::<f64>().ok())
                    .unwrap_or_default()
            };
            let clocks = [
                "health",
                "sweeper",
                "journal-archive",
                "Health",
                "Sweeper",
                "JournalArchive",
            ];
            if !by_clock && clocks.iter().any(|it| line[1].contains(it)) {
                continue;
            }
            match line[0] {
                "run" => {
                    let function = line[1].trim_start_matches("millwright-local-").to_owned();
                    sums.runs.entry(function).or_default().push(number(2));
                }
                "units" if READS.contains(&line[2]) => sums.reads += number(3),
                "units" => sums.writes += number(3),
                _ if BILLED.contains(&line[2]) => *sums.calls.entry(line[2].to_owned()).or_default() += 1.0,
                _ => {}
            }
        }
        sums
    }

    /// Prints what one request of a piece of work took.
    pub async fn tell(&self, name: &str, count: u32, answered: u64) {
        let (sums, many) = (self.sums(false), f64::from(count));
        println!("{name}:");
        println!("  answer_bytes: {:.0}", answered as f64 / many);
        sums.tell(many).await;
    }

    /// Prints what an hour takes in which nobody calls.
    pub async fn tell_idle(&self, elapsed: Duration) {
        println!("idle_hour:");
        self.sums(true).tell(elapsed.as_secs_f64() / 3600.0).await;
    }

    /// Prints what a report leaves, of so many of that size: its blocks, before they are compacted, and its outcome; and itself in the archive.
    pub async fn tell_stored(&self, org: &Organization, reports: u32, size: usize) {
        let rows = Emulator::at(tests::endpoint()).rows(&org.table()).await;
        let of_a_report = |row: &&Value| {
            row["pk"]
                .as_str()
                .is_some_and(|pk| pk.starts_with("BLOCK") || pk.starts_with("OUTCOME"))
        };
        let bytes: usize = rows.iter().filter(of_a_report).map(|row| row.to_string().len()).sum();
        println!(
            "stored: {{ table_bytes: {:.0}, bucket_bytes: {size} }}",
            bytes as f64 / f64::from(reports)
        );
    }
}

impl Sums {
    async fn tell(&self, of: f64) {
        println!("  runs:");
        for (function, runs) in &self.runs {
            let (times, ms, log) = (runs.len() as f64 / of, quarter(runs), log_of(function).await);
            println!("    {function}: {{ times: {times:.3}, ms: {ms:.1}, log_bytes: {log} }}");
        }
        println!("  reads: {:.3}", self.reads / of);
        println!("  writes: {:.3}", self.writes / of);
        let calls = self
            .calls
            .iter()
            .map(|(action, times)| format!("'{action}': {:.4}", times / of));
        println!("  calls: {{ {} }}", calls.collect::<Vec<_>>().join(", "));
    }
}

/// What a quarter of the runs took less than: the machine has other work, for which AWS would not bill.
fn quarter(runs: &[f64]) -> f64 {
    let mut runs = runs.to_vec();
    runs.sort_by(f64::total_cmp);
    runs.get(runs.len() / 4).copied().unwrap_or_default()
}

/// Bytes that a function logs in a run, START, END and REPORT included.
async fn log_of(function: &str) -> usize {
    let group = json!({ "logGroupName": format!("/millwright/local/function/{function}"), "limit": 10_000 });
    let events = Emulator::at(tests::endpoint())
        .call("Logs_20140328.FilterLogEvents", &group)
        .await;
    let lines = events["events"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|event| event["message"].as_str());
    let (mut runs, mut bytes) = (0, 0);
    for line in lines {
        runs += usize::from(line.starts_with("REPORT"));
        bytes += line.len() + LINE;
    }
    bytes / runs.max(1)
}
