//! `notice.closing`: mails the owners of an organisation that it is closing, when that begins, and once more some days before its end.
//!
//! Idempotency and retry: `tell_members.rs`. An organisation that was reopened meanwhile is nothing to tell of.

use super::tell_members::{self, Letter};
use super::{Effect, Step, organization};
use crate::App;
use domain::organization::{OrgStatus, Organization};
use domain::task::Task;
use domain::{Role, ServiceError};
use jiff::Timestamp;
use serde::Deserialize;

/// What the notice tells of.
#[derive(Deserialize)]
struct Told {
    deletes_at: Timestamp,
    /// Whether it is the last word.
    soon: bool,
}

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let Ok(told) = serde_json::from_value::<Told>(task.input.clone()) else {
        return Ok(Step::Fail("the notice does not say what it tells of".to_owned()));
    };
    let org = organization(app, task).await?;
    if !told.holds(&org) {
        return Ok(Step::Done(Effect::default()));
    }
    let link = app.deployment.link(&format!("/v1/orgs/{}", org.id));
    tell_members::run(app, task, &[Role::Owner], &told.letter(&link)).await
}

impl Told {
    fn holds(&self, org: &Organization) -> bool {
        let end = org.closing.as_ref().map(|closing| closing.deletes_at);
        org.status == OrgStatus::Closing && end == Some(self.deletes_at)
    }

    fn letter(&self, link: &str) -> Letter {
        let day = self.deletes_at.strftime("%Y-%m-%d at %H:%M UTC");
        let subject = match self.soon {
            true => "Your organisation will be deleted soon",
            false => "Your organisation is closing",
        };
        let text = format!(
            "The organisation is closing: it will be deleted, with all its data, on {day} or within a day of that.\n\n\
             Until then its data can be read and exported, and nothing can be changed. Any owner can call it off:\n\
             POST {link}/reopen\n\n\
             All its data are exported to a file first, which can be downloaded until 30 days after the deletion:\n{link}/tasks\n\n\
             You get this mail because you are an owner of the organisation.\n"
        );
        (subject, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_says_when_it_ends_and_how_to_call_it_off() {
        let told = |soon| Told {
            deletes_at: "2026-02-01T03:04:05Z".parse().unwrap(),
            soon,
        };
        let (subject, text) = told(false).letter("https://api.example.com/v1/orgs/x");
        assert_eq!(subject, "Your organisation is closing");
        assert!(text.contains("2026-02-01 at 03:04 UTC"), "{text}");
        assert!(text.contains("https://api.example.com/v1/orgs/x/reopen\n"), "{text}");
        assert_eq!(told(true).letter("").0, "Your organisation will be deleted soon");
    }
}
