//! Scheduled rounds: a day that comes when a test wants it.

use crate::{PATIENCE, aws, now, unique};
use domain::task::{Task, TaskKind};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::time::{Duration, Instant};

/// Fires a check by its rule's name, and waits until its round is over; what came of it.
pub async fn round(check: &str, kind: TaskKind) -> Value {
    // Of a time of its own: another test's round at the same second would be this one.
    let dice = u32::from_str_radix(&unique("x")[2..9], 16).expect("dice");
    let at = now() - SignedDuration::from_secs(i64::from(dice));
    let at = Timestamp::from_second(at.as_second()).expect("a time");
    aws::fire(check, at).await;
    let task = Task::scheduled(kind, at, at).id.to_string();
    let begun = Instant::now();
    loop {
        let rows = aws::partition(aws::DIRECTORY, "SYSTEM").await;
        let row = rows.into_iter().find(|row| row["id"] == task);
        if let Some(row) = row.filter(|row| row["finished_at"].is_string()) {
            assert_eq!(row["status"], "succeeded", "{row}");
            return row["result"].clone();
        }
        assert!(begun.elapsed() < PATIENCE, "the round {task} goes on and on");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
