//! `domain.verify`: looks for the TXT record that proves that a domain is an organisation's. Where it is there, the domain is verified, unless another
//! organisation has it; where it is not, the task fails, and says to its asker what was found. A domain that is verified already stays so
//! whatever is found: that its record is missing is for `check_domains.rs` to follow up.
//!
//! Idempotency: DNS is only asked; the domain's next version, whose it is and the journal entry commit with the task's end, over the version that was
//! read and only where nobody has the domain. Of two organisations with a record at one moment one gets it, and the other's next attempt
//! finds that. Retry: what is throttled or overtaken, and name servers that give no answer; where they never do, it is for the asker to
//! mend. An organisation that is being restored makes the task wait.

use super::{Effect, Step, organization};
use crate::App;
use aws_dynamodb::Change;
use domain::email_domain::{DomainName, DomainStatus, EmailDomain};
use domain::journal::Event;
use domain::organization::OrgStatus;
use domain::task::Task;
use domain::{Grant, OrgId, ServiceError};
use serde_json::json;
use std::time::Duration;

/// An organisation that is not in use at present.
const LATER: Duration = Duration::from_secs(5 * 60);
/// Longest text of a record that is quoted, in characters.
const QUOTED: usize = 100;

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let name = task.input["domain"]
        .as_str()
        .and_then(|name| name.parse::<DomainName>().ok());
    let Some((org, name)) = task.org.zip(name) else {
        return Ok(Step::Fail("the task does not name a domain".to_owned()));
    };
    let Some(domain) = app.directory.domain(org, &name).await? else {
        return Ok(Step::Refuse(format!(
            "{name} is not among the organisation's domains any more"
        )));
    };
    let texts = match app.resolver.texts(&domain.record_name()).await {
        Ok(texts) => texts,
        Err(ServiceError::Busy(why)) if task.exhausted() => {
            tracing::info!(%name, why, "a domain's name servers are silent");
            let reason = format!("no name server has answered a question about {}", domain.record_name());
            return Ok(Step::Refuse(reason));
        }
        Err(error) => return Err(error),
    };
    if !domain.is_proved_by(&texts) {
        return Ok(Step::Refuse(unproved(&domain, &texts)));
    }
    match domain.status {
        DomainStatus::Verified => Ok(Step::Done(effect(Change::silent(), &domain))),
        DomainStatus::Pending => verify(app, task, org, &domain).await,
    }
}

async fn verify(app: &App, task: &Task, org: OrgId, domain: &EmailDomain) -> Result<Step, ServiceError> {
    let name = &domain.domain;
    if app.directory.domain_owner(name).await?.is_some() {
        return Ok(Step::Refuse(format!(
            "{name} is verified by another organisation: have it deleted there, or take its record away, which ends it after a week"
        )));
    }
    let found = organization(app, task).await?;
    match found.status {
        OrgStatus::Active => {}
        OrgStatus::Provisioning | OrgStatus::Restoring => return Ok(Step::wait(LATER)),
        status => return Ok(Step::Refuse(format!("the organisation is {}", status.as_str()))),
    }
    let grant = Grant::for_task(org, task.requested_by.clone(), found.status, found.table);
    let table = app.tables.open(&grant);
    let table = table.map_err(|denied| ServiceError::Failed(denied.to_string()))?;
    let verified = domain.verified(app.source.now());
    let change = Change::told(Event {
        action: "domain.verified",
        resource: name.to_string(),
        before: Some(json!({ "status": domain.status })),
        after: Some(json!({ "status": verified.status, "task": task.id })),
    });
    let change = app.directory.with_domain_verified(change, org, &verified)?;
    Ok(Step::Done(Effect {
        table: Some(table),
        ..effect(change, &verified)
    }))
}

fn effect(change: Change, domain: &EmailDomain) -> Effect {
    Effect {
        result: Some(json!({ "domain": domain.domain, "status": domain.status })),
        ..Effect::silent(change)
    }
}

/// What was found in the place of the proof.
fn unproved(domain: &EmailDomain, texts: &[String]) -> String {
    let (name, value) = (domain.record_name(), domain.record_value());
    let Some(first) = texts.first() else {
        return format!("there is no TXT record at {name}: publish {value}, and give it some minutes to be seen");
    };
    let plain = first.chars().filter(|letter| !letter.is_control());
    let quoted: String = plain.take(QUOTED).collect();
    let several = match texts.len() {
        1 => String::new(),
        some => format!(" and {} more", some - 1),
    };
    format!("the TXT record at {name} is not {value} but {quoted:?}{several}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Role;
    use domain::email_domain::Challenge;

    #[test]
    fn an_asker_reads_what_was_found() {
        let challenge: Challenge = serde_json::from_value(json!("0abc")).unwrap();
        let domain = EmailDomain {
            domain: DomainName::parse("acme.example").unwrap(),
            role: Role::Viewer,
            enrolment: true,
            status: DomainStatus::Pending,
            challenge,
            verified_at: None,
            missing_since: None,
            created_by: "usr_1".to_owned(),
            created_at: jiff::Timestamp::UNIX_EPOCH,
            version: 1,
        };
        let told = |texts: &[&str]| unproved(&domain, &texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>());
        assert!(told(&[]).starts_with("there is no TXT record at _millwright-challenge.acme.example: publish "));
        assert!(told(&["x\u{7}y"]).ends_with(r#" is not millwright-verification=0abc but "xy""#));
        assert!(told(&["one", "two", "three"]).ends_with(r#"but "one" and 2 more"#));
        assert!(told(&[&"é".repeat(5_000)]).chars().count() < 300);
    }
}
