//! `notice.devices`, `notice.readings`: mails the owners and admins of an organisation that a check has found something. A mail holds a count
//! and a link, and no data.
//!
//! Idempotency: a round's notice is one task; each mail of it is claimed before it is sent, under an id of its own (`mail.rs`). Retry: what is
//! throttled, from the person at whom it stopped. A mail that SES refuses keeps nobody else from theirs; the notice fails at its end.

use super::{Effect, Step, Wait};
use crate::App;
use crate::mail::Mailed;
use domain::mail::NoticeId;
use domain::task::{Task, TaskKind};
use domain::{OrgId, Role, ServiceError, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// Members a step: most are neither owners nor admins, and a mail takes some tenths of a second.
const MEMBERS_A_STEP: usize = 50;

/// How far it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Place {
    after: Option<UserId>,
    refused: u64,
}

pub(super) async fn run(app: &App, kind: TaskKind, task: &Task) -> Result<Step, ServiceError> {
    let Some(org) = task.org else {
        return Ok(Step::Fail("the notice is of no organisation".to_owned()));
    };
    let mut place: Place = serde_json::from_value(task.state.clone().unwrap_or_else(|| json!({ "refused": 0 })))
        .map_err(|why| ServiceError::Failed(why.to_string()))?;
    let (members, next) = app.directory.members(org, place.after, MEMBERS_A_STEP).await?;
    for member in members {
        if matches!(member.role, Role::Owner | Role::Admin) {
            match tell(app, kind, task, (org, member.user)).await {
                Ok(Mailed::Settled) => {}
                Ok(Mailed::Unknown(delay)) => return wait(delay, &place),
                Err(ServiceError::Failed(why)) => {
                    tracing::error!(task = %task.id, why, "a notice was refused");
                    place.refused += 1;
                }
                Err(busy) => return Err(busy),
            }
        }
        place.after = Some(member.user);
    }
    match next {
        Some(_) => wait(Duration::ZERO, &place),
        None if place.refused > 0 => Ok(Step::Fail(format!("{} of its mails were refused", place.refused))),
        None => Ok(Step::Done(Effect::default())),
    }
}

fn wait(delay: Duration, place: &Place) -> Result<Step, ServiceError> {
    let state = serde_json::to_value(place).map_err(|why| ServiceError::Failed(why.to_string()))?;
    Ok(Step::Wait(Wait {
        delay,
        state: Some(state),
        progress: None,
    }))
}

async fn tell(app: &App, kind: TaskKind, task: &Task, (org, person): (OrgId, UserId)) -> Result<Mailed, ServiceError> {
    let Some(to) = app.address(person).await? else {
        return Ok(Mailed::Settled);
    };
    let notice: Result<NoticeId, _> = format!("{}-{person}", task.id).parse();
    let notice = notice.map_err(|why| ServiceError::Failed(why.to_string()))?;
    let link = app.deployment.link(&format!("/v1/orgs/{org}/projects"));
    app.mail(to, notice, letter(kind, &task.input, &link)).await
}

fn letter(kind: TaskKind, input: &Value, link: &str) -> (&'static str, String) {
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
