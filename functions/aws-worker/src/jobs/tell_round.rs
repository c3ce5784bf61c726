//! `notice.devices`, `notice.readings`: mails the owners and admins of an organisation that a check has found something. A mail holds a count
//! and a link, and no data.
//!
//! Idempotency: a round's notice is one task. That each of its mails goes out once, and the retry rule, `tell_members.rs` says.

use super::Step;
use super::tell_members::{self, Letter};
use crate::App;
use domain::task::{Task, TaskKind};
use domain::{Role, ServiceError};
use serde_json::Value;

pub(super) async fn run(app: &App, kind: TaskKind, task: &Task) -> Result<Step, ServiceError> {
    let Some(org) = task.org else {
        return Ok(Step::Fail("the notice is of no organisation".to_owned()));
    };
    let link = app.deployment.link(&format!("/v1/orgs/{org}/projects"));
    let letter = letter(kind, &task.input, &link);
    tell_members::run(app, task, &[Role::Owner, Role::Admin], &letter).await
}

fn letter(kind: TaskKind, input: &Value, link: &str) -> Letter {
    let count = input["count"].as_u64().unwrap_or(1);
    let (subject, what) = match kind {
        TaskKind::TellReadings => (
            "Readings dated in the future",
            format!("Streams with readings dated in the future: {count}. The clock of their devices may be wrong."),
        ),
        _ => (
            "Devices fell silent or came back",
            format!("Devices that fell silent or came back: {count}."),
        ),
    };
    let text = format!(
        "{what}\n\nThe organisation's projects, with their devices:\n{link}\n\n\
         You get this mail because you are an owner or admin of the organisation.\n"
    );
    (subject, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_letter_holds_a_count_and_a_link() {
        let input = json!({ "count": 3 });
        let (subject, text) = letter(
            TaskKind::TellDevices,
            &input,
            "https://api.example.com/v1/orgs/x/projects",
        );
        assert_eq!(subject, "Devices fell silent or came back");
        assert!(
            text.contains(": 3.") && text.contains("https://api.example.com/v1/orgs/x/projects\n"),
            "{text}"
        );
        assert!(
            letter(TaskKind::TellReadings, &input, "")
                .1
                .contains("in the future: 3.")
        );
    }
}
