//! The end of organisations: a month of grace that passes in a moment, since a test moves it in the table.

use crate::people::{Organization, finished};
use crate::rounds::round;
use crate::{aws, now};
use domain::task::TaskKind;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Fires the daily check of closing organisations, and waits until its round is over.
pub async fn closing_round() {
    round("close-organizations", TaskKind::CloseOrganizations).await;
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
        aws::update(aws::DIRECTORY, (&key, "META"), set, &json!({ ":at": to })).await;
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
