//! Mailing members of the organisation, and nobody else: who has left it since the filter was set gets no mail.

use super::time;
use crate::App;
use crate::jobs::{Effect, Step, Wait, state};
use crate::mail::Mailed;
use domain::filter::Act;
use domain::mail::NoticeId;
use domain::task::Task;
use domain::{OrgId, ServiceError, UserId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How far it is.
#[derive(Default, Serialize, Deserialize)]
struct Place {
    /// How many of the members are dealt with.
    done: usize,
    /// How many mails SES has refused.
    refused: usize,
}

/// A subject and a text.
pub(super) type Letter = (&'static str, String);

/// Mails a letter to those members, one after another.
pub(super) async fn run(
    app: &App,
    task: &Task,
    (org, members): (OrgId, &[UserId]),
    letter: &Letter,
) -> Result<Step, ServiceError> {
    let mut place: Place = state(task).unwrap_or_default();
    for member in members.iter().skip(place.done) {
        match tell(app, task, (org, *member), letter).await {
            Ok(Mailed::Settled) => {}
            Ok(Mailed::Unknown(delay)) => return wait(delay, &place),
            Err(ServiceError::Failed(why)) => {
                tracing::error!(task = %task.id, why, "a filter's mail was refused");
                place.refused += 1;
            }
            Err(busy) => return Err(busy),
        }
        place.done += 1;
    }
    match place.refused {
        0 => Ok(Step::Done(Effect::default())),
        many => Ok(Step::Fail(format!("{many} of its mails were refused"))),
    }
}

fn wait(delay: Duration, place: &Place) -> Result<Step, ServiceError> {
    Ok(Step::Wait(Wait {
        delay,
        state: Some(serde_json::to_value(place).map_err(|why| ServiceError::Failed(why.to_string()))?),
        progress: None,
    }))
}

async fn tell(
    app: &App,
    task: &Task,
    (org, member): (OrgId, UserId),
    (subject, text): &Letter,
) -> Result<Mailed, ServiceError> {
    if app.directory.member(org, member).await?.is_none() {
        return Ok(Mailed::Settled);
    }
    let Some(to) = app.address(member).await? else {
        return Ok(Mailed::Settled);
    };
    let notice: Result<NoticeId, _> = format!("{}-{member}", task.id).parse();
    let notice = notice.map_err(|why| ServiceError::Failed(why.to_string()))?;
    app.mail(to, notice, (*subject, text.clone())).await
}

/// What is told of a transition.
pub(super) fn letter(app: &App, (org, act): (OrgId, &Act)) -> Letter {
    let (device, variable) = (act.device, &act.variable);
    let path = format!("/v1/orgs/{org}/devices/{device}/streams/{variable}/filter/transitions");
    let more = format!("Its transitions:\n{}", app.deployment.link(&path));
    ("A stream of yours has changed its state", text(act, &more))
}

/// Names have few characters and no blanks: nobody's message can be sent in our name by them.
pub(super) fn text(act: &Act, more: &str) -> String {
    let Act {
        device,
        variable,
        fired,
        ..
    } = act;
    format!(
        "The stream {variable} of the device {device} went from {} to {} at {}.\n\n{more}\n\n\
         You get this mail because a filter of your organisation names you.\n",
        fired.from,
        fired.to,
        time(act),
    )
}
