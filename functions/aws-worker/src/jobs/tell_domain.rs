//! `notice.domain`: mails the owners and admins of an organisation that the record of a domain of theirs is missing, or that the domain is verified no
//! more by that.
//!
//! Idempotency and retry: `tell_members.rs`. A record that was found again, or a domain that was deleted or verified anew, is nothing to tell of.

use super::tell_members::{self, Letter};
use super::{Effect, Step};
use crate::App;
use domain::email_domain::{DomainName, DomainStatus, EmailDomain};
use domain::task::Task;
use domain::{Role, ServiceError};
use jiff::Timestamp;
use serde::Deserialize;

/// What the notice tells of.
#[derive(Deserialize)]
struct Told {
    domain: DomainName,
    /// Until when the record may be missing; none where that time is over.
    ends_at: Option<Timestamp>,
}

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let told = serde_json::from_value::<Told>(task.input.clone()).ok();
    let Some((org, told)) = task.org.zip(told) else {
        return Ok(Step::Fail("the notice does not say what it tells of".to_owned()));
    };
    let domain = app.directory.domain(org, &told.domain).await?;
    let Some(domain) = domain.filter(|domain| told.holds(domain)) else {
        return Ok(Step::Done(Effect::default()));
    };
    let link = app.deployment.link(&format!("/v1/orgs/{org}/domains/{}", told.domain));
    tell_members::run(app, task, &[Role::Owner, Role::Admin], &told.letter(&domain, &link)).await
}

impl Told {
    fn holds(&self, domain: &EmailDomain) -> bool {
        match self.ends_at {
            Some(_) => domain.missing_since.is_some(),
            None => domain.status == DomainStatus::Pending,
        }
    }

    fn letter(&self, domain: &EmailDomain, link: &str) -> Letter {
        let name = &self.domain;
        let (subject, what) = match self.ends_at {
            Some(end) => (
                "The record of your domain is missing",
                format!(
                    "The TXT record is missing that proves that the domain {name} is your organisation's. If it is not there again until {}, \
                     the domain is verified no more, and people with an address there become members no more.",
                    end.strftime("%Y-%m-%d")
                ),
            ),
            None => (
                "Your domain is verified no more",
                format!(
                    "The TXT record has been missing for seven days that proves that the domain {name} is your organisation's. People with an \
                     address there become members no more; those who are members stay.\n\n\
                     To verify it again, publish the record, and POST {link}/verification"
                ),
            ),
        };
        let text = format!(
            "{what}\n\nThe record:\n{} TXT {}\n\n\
             You get this mail because you are an owner or admin of the organisation.\n",
            domain.record_name(),
            domain.record_value(),
        );
        (subject, text)
    }
}
