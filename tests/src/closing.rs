//! The end of organisations: a month of grace that passes in a moment, since a test moves it in the table.

use crate::people::{Organization, finished};
use crate::{PATIENCE, aws, now, unique};
use domain::task::{Task, TaskKind};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const DIRECTORY: &str = "millwright-local-directory";

/// Fires the daily check of closing organisations, and waits until its round is over.
pub async fn closing_round() {
    // Of a time of its own: another test's round at the same second would be this one.
    let dice = u32::from_str_radix(&unique("x")[2..9], 16).expect("dice");
    let at = now() - SignedDuration::from_secs(i64::from(dice));
    let at = Timestamp::from_second(at.as_second()).expect("a time");
    aws::fire("close-organizations", at).await;
    let task = Task::scheduled(TaskKind::CloseOrganizations, at, at).id.to_string();
    let begun = Instant::now();
    loop {
        let rows = aws::partition(DIRECTORY, "SYSTEM").await;
        let row = rows.into_iter().find(|row| row["id"] == task);
        if let Some(row) = row.filter(|row| row["finished_at"].is_string()) {
            assert_eq!(row["status"], "succeeded", "{row}");
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "the round {task} goes on and on");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

impl Organization {
    /// Begins to close the organisation, and waits until its data are exported; the export.
    pub async fn close(&self) -> Value {
        let closing = self.owner.api.delete(&self.path("")).await;
        let location = closing.header("location").to_owned();
        assert_eq!(closing.expect(202)["status"], "closing");
        let export = finished(&self.owner.api, &location).await;
        assert_eq!(export["status"], "succeeded", "{export}");
        export
    }

    /// Moves the end of a closing organisation.
    pub async fn move_end(&self, to: Timestamp) {
        let key = format!("ORG#{}", self.id);
        let set = "SET closing.deletes_at = :at";
        aws::update(DIRECTORY, (&key, "META"), set, &json!({ ":at": to })).await;
    }

    /// Deletes the organisation as time does; the task of the deletion.
    pub async fn delete(&self) -> Value {
        self.close().await;
        self.move_end(now() - SignedDuration::from_secs(1)).await;
        closing_round().await;
        let tasks = self.path("/tasks?kind=organization.delete");
        let tasks = self.owner.api.get(&tasks).await.expect(200);
        let id = tasks["items"][0]["id"].as_str().unwrap_or("no deletion");
        finished(&self.owner.api, &self.path(&format!("/tasks/{id}"))).await
    }
}
