//! Mailing those members of an organisation whose role a notice is for, one mail each. A mail holds no data.
//!
//! Idempotency: each mail is claimed before it is sent, under an id of its own (`mail.rs`). What is throttled is tried again from the person at whom it
//! stopped. A mail that SES refuses keeps nobody else from theirs; the notice fails at its end.

use super::{Effect, Step, Wait};
use crate::App;
use crate::mail::Mailed;
use domain::mail::NoticeId;
use domain::task::Task;
use domain::{Role, ServiceError, UserId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// Members a step: for most no notice is meant, and a mail takes some tenths of a second.
const MEMBERS_A_STEP: usize = 50;

/// What a notice says to each of them: subject and text.
pub(super) type Letter = (&'static str, String);

/// How far it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Place {
    after: Option<UserId>,
    refused: u64,
}

pub(super) async fn run(app: &App, task: &Task, roles: &[Role], letter: &Letter) -> Result<Step, ServiceError> {
    let Some(org) = task.org else {
        return Ok(Step::Fail("the notice is of no organisation".to_owned()));
    };
    let mut place: Place = serde_json::from_value(task.state.clone().unwrap_or_else(|| json!({ "refused": 0 })))
        .map_err(|why| ServiceError::Failed(why.to_string()))?;
    let (members, next) = app.directory.members(org, place.after, MEMBERS_A_STEP).await?;
    for member in members {
        if roles.contains(&member.role) {
            match tell(app, task, member.user, letter).await {
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

async fn tell(app: &App, task: &Task, person: UserId, (subject, text): &Letter) -> Result<Mailed, ServiceError> {
    let Some(to) = app.address(person).await? else {
        return Ok(Mailed::Settled);
    };
    let notice: Result<NoticeId, _> = format!("{}-{person}", task.id).parse();
    let notice = notice.map_err(|why| ServiceError::Failed(why.to_string()))?;
    app.mail(to, notice, (subject, text.clone())).await
}
