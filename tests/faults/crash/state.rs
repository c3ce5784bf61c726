//! Everything that a story has left behind, in a form in which two runs of it can be compared: without times, counts of attempts, and the
//! ids that dice decide.

use crate::world::World;
use aws_cloudformation::Stacks;
use domain::journal::{Entry, Head};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Members that may differ between a run that was disturbed and one that was not: how often and when it was tried, and what follows from that,
/// such as the number of a generation, or the id of a series of sessions, which a repeated attempt takes anew; and where a story's receiver of
/// webhooks listens.
const INCIDENTAL: &[&str] = &[
    "attempts",
    "bytes",
    "due",
    "expired",
    "expires_at",
    "generation",
    "hash",
    "hour",
    "items",
    "last_generation",
    "lease",
    "link",
    "log",
    "made",
    "merged",
    "previous",
    "progress",
    "revision",
    "sent",
    "series",
    "setbacks",
    "sha256",
    "since",
    "stamp",
    "step",
    "url",
];

/// What there is at the end of a story, each thing on a line of its own.
pub async fn of(world: &World) -> String {
    let mut names = Names::default();
    let mut lines = Vec::new();
    let directory = world.rows("directory").await;
    lines.extend(
        directory
            .iter()
            .filter(|row| !is_log(row))
            .map(|row| names.line("directory", row)),
    );
    lines.extend(
        world
            .rows("outbox")
            .await
            .iter()
            .map(|row| names.line("outbox", &row["sk"])),
    );
    for table in tables(world).await {
        let rows = world.emulator.rows(&table).await;
        check_journal(&rows);
        // What became of an upload may be recorded twice: whoever reads takes one.
        let kept = rows.iter().filter(|row| !is_outcome(row));
        lines.extend(kept.map(|row| names.line("table", row)));
        let stack = Stacks::new(&world.aws).status(&table).await.unwrap();
        lines.push(format!("stack {stack:?}"));
    }
    let objects = world.emulator.objects(&world.name).await;
    lines.extend(objects.into_iter().map(|key| format!("object {key}")));
    lines.extend(
        world
            .mails()
            .await
            .iter()
            .map(|mail| names.line("mail", &json!(mail["Subject"]))),
    );
    lines.extend(world.people().await);
    lines.extend(letters(world, &mut names).await);
    without_generations(&lines.join("\n"), &world.table_prefix()).replace(&world.name, "WORLD")
}

/// Names of tables end with the number of their generation.
fn without_generations(text: &str, prefix: &str) -> String {
    let mut parts = text.split(prefix);
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (org, rest) = part.split_at(26);
        plain += &format!(
            "TABLE-{org}{}",
            rest.trim_start_matches(|c: char| c == '-' || c.is_ascii_digit())
        );
    }
    plain
}

/// What may come twice: letters to the dead-letter queue, notices of SNS and webhooks.
async fn letters(world: &World, names: &mut Names) -> Vec<String> {
    let mut letters = Vec::new();
    for letter in world.emulator.messages(&world.table("tasks-dlq"), 10).await {
        let reason = &letter["MessageAttributes"]["reason"]["StringValue"];
        letters.push(names.line("dead", &json!([letter["Body"], reason])));
    }
    for notice in world.emulator.messages(&world.table("staff"), 10).await {
        let notice: Value = serde_json::from_str(notice["Body"].as_str().unwrap()).unwrap();
        letters.push(names.line("staff", &notice["Subject"]));
    }
    letters.extend(world.hooks().iter().map(|id| format!("hook {}", names.rename(id))));
    letters.sort();
    letters.dedup();
    letters
}

/// What became of an upload.
fn is_outcome(row: &Value) -> bool {
    row["pk"].as_str().is_some_and(|pk| pk.starts_with("OUTCOME#"))
}

/// The worker's log of attempts.
fn is_log(row: &Value) -> bool {
    row["pk"].as_str().is_some_and(|pk| pk.starts_with("WORK#"))
}

async fn tables(world: &World) -> Vec<String> {
    let prefix = world.table_prefix();
    let after = json!({ "ExclusiveStartTableName": prefix, "Limit": 10 });
    let found = world.emulator.call("DynamoDB_20120810.ListTables", &after).await;
    let names = found["TableNames"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    names
        .filter(|name| name.starts_with(&prefix))
        .map(str::to_owned)
        .collect()
}

/// Every link of the journal's chain.
pub fn check_journal(rows: &[Value]) -> Vec<Entry> {
    let mut head = Head::default();
    let entries = rows.iter().filter(|row| row["pk"] == "JOURNAL");
    let entries: Vec<Entry> = entries
        .map(|row| serde_json::from_value(row.clone()).unwrap())
        .collect();
    for entry in &entries {
        let place = (entry.sequence, &entry.previous);
        assert_eq!(place, (head.sequence + 1, &head.hash), "{entry:?}");
        assert_eq!(entry.compute_hash(), entry.hash, "{entry:?}");
        head = Head {
            sequence: entry.sequence,
            hash: entry.hash.clone(),
        };
    }
    entries
}

/// Ids of tasks by the order in which they are met: dice and clock make them, and a repeated attempt throws again.
#[derive(Default)]
struct Names(Vec<String>);

impl Names {
    fn line(&mut self, what: &str, value: &Value) -> String {
        format!("{what} {}", self.rename(&essential(value).to_string()))
    }

    fn rename(&mut self, text: &str) -> String {
        let mut parts = text.split("tsk_");
        let mut renamed = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (id, rest) = part.split_at(26);
            if !self.0.iter().any(|known| known == id) {
                self.0.push(id.to_owned());
            }
            let place = self.0.iter().position(|known| known == id).unwrap_or_default();
            renamed += &format!("tsk_{place}{rest}");
        }
        renamed
    }
}

fn essential(value: &Value) -> Value {
    match value {
        Value::String(text) if text.parse::<Timestamp>().is_ok() => json!("a time"),
        // What is kept as a text of JSON.
        Value::String(text) if text.starts_with('{') => match serde_json::from_str(text) {
            Ok(inner) => essential(&inner),
            Err(_) => value.clone(),
        },
        Value::Array(items) => items.iter().map(essential).collect(),
        Value::Object(members) => {
            let members = members.iter().filter(|(name, _)| !INCIDENTAL.contains(&name.as_str()));
            members
                .map(|(name, member)| (name.clone(), essential(member)))
                .collect::<Map<_, _>>()
                .into()
        }
        other => other.clone(),
    }
}
