//! `system.check_domains`: each day, whether the records are still there that prove whose the verified domains are. One that is missing is told of to
//! those who run the organisation; when it has been missing for seven days, the domain is verified no more, and brings in nobody. Members stay.
//!
//! Idempotency: it goes through the domains in the order of their names, and its state says how far. What follows from a look commits with its journal
//! entry and the notice's task, over the version of the domain that was read, so a page that is gone through again finds it done. Retry:
//! what is throttled is tried again. Name servers that give no answer say nothing about a record: such a domain stays as it is until the
//! next day's round, and is counted. A domain that cannot be looked after keeps none of the others from it: the round fails at its end.

use super::{Effect, Step, by_the_system, state};
use crate::App;
use aws_dynamodb::{Change, OrgTable, Refused};
use domain::email_domain::{DomainName, DomainStatus, EmailDomain, Looked, MISSING_FOR};
use domain::journal::Event;
use domain::organization::OrgStatus;
use domain::task::{Task, TaskKind};
use domain::{OrgId, ServiceError};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How many domains one step looks at, all at once: a silent name server takes ten seconds of the minute that the worker has.
const PAGE: usize = 10;

/// How far a round is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Round {
    /// The last domain that was looked at.
    after: Option<DomainName>,
    /// How many have been.
    looked_at: u64,
    /// Of how many the record was missing.
    missing: u64,
    /// How many were therefore taken from their organisations.
    lapsed: u64,
    /// Of how many no name server said anything.
    unanswered: u64,
    /// How many could not be looked after.
    failed: u64,
}

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let mut round: Round = state(task).unwrap_or_default();
    let (page, next) = app.directory.verified_domains(round.after.clone(), PAGE).await?;
    let looks = join_all(page.iter().map(|(name, org)| look(app, *org, name))).await;
    for ((name, org), looked) in page.iter().zip(looks) {
        round.looked_at += 1;
        let done = match looked {
            Ok(Some((domain, Ok(found)))) => follow(app, task, *org, (&domain, found), &mut round).await,
            Ok(Some((_, Err(silence)))) => {
                tracing::info!(%name, %silence, "a domain's name servers are silent");
                round.unanswered += 1;
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        match done {
            Err(ServiceError::Failed(why)) => {
                tracing::error!(%org, %name, why, "a domain could not be looked after");
                round.failed += 1;
            }
            done => done?,
        }
    }
    match next {
        Some(last) => {
            round.after = Some(last);
            Step::go_on(&round, format!("{} domains looked at", round.looked_at))
        }
        None => Ok(end(&round)),
    }
}

fn end(round: &Round) -> Step {
    let Round {
        looked_at,
        missing,
        lapsed,
        unanswered,
        failed,
        ..
    } = round;
    if *failed > 0 {
        return Step::Fail(format!("{failed} of {looked_at} domains could not be looked after"));
    }
    let result = json!({ "domains": looked_at, "missing": missing, "lapsed": lapsed, "unanswered": unanswered });
    Step::Done(Effect {
        result: Some(result),
        ..Effect::default()
    })
}

/// A domain, where it is still verified, and whether its record was found; or that nobody said.
type Look = Option<(EmailDomain, Result<bool, ServiceError>)>;

async fn look(app: &App, org: OrgId, name: &DomainName) -> Result<Look, ServiceError> {
    let domain = app.directory.domain(org, name).await?;
    let Some(domain) = domain.filter(|domain| domain.status == DomainStatus::Verified) else {
        return Ok(None);
    };
    let texts = app.resolver.texts(&domain.record_name()).await;
    let found = texts.map(|texts| domain.is_proved_by(&texts));
    Ok(Some((domain, found)))
}

/// What a look brings about. An organisation that is not in use at present is left to a later round.
async fn follow(
    app: &App,
    task: &Task,
    org: OrgId,
    (domain, found): (&EmailDomain, bool),
    round: &mut Round,
) -> Result<(), ServiceError> {
    round.missing += u64::from(!found);
    let looked = domain.look(found, app.source.now());
    if looked == Looked::Same {
        return Ok(());
    }
    let Some(table) = table(app, org, &domain.domain).await? else {
        return Ok(());
    };
    let directory = &app.directory;
    let (change, notice) = match &looked {
        Looked::Same => return Ok(()),
        Looked::Back(next) => (
            directory.with_domain(told("domain.record_found", domain, next), org, next)?,
            None,
        ),
        Looked::Missing(next) => {
            let change = directory.with_domain(told("domain.record_missing", domain, next), org, next)?;
            (change, Some(notice(app, task, org, next)))
        }
        Looked::Lapsed(next) => {
            let change = directory.with_domain_lapsed(told("domain.lapsed", domain, next), org, next)?;
            (change, Some(notice(app, task, org, next)))
        }
    };
    let change = match &notice {
        Some(notice) => directory.with_task(change, notice)?,
        None => change,
    };
    match table.commit(change).await {
        Ok(()) => {}
        // Somebody has changed it meanwhile, or this was done before and the answer was lost: the next round looks again.
        Err(Refused::Write(_)) => return Ok(()),
        Err(Refused::Service(error)) => return Err(error),
    }
    round.lapsed += u64::from(matches!(looked, Looked::Lapsed(_)));
    if let Some(notice) = notice {
        app.queue.wake(&notice).await;
    }
    Ok(())
}

async fn table(app: &App, org: OrgId, name: &DomainName) -> Result<Option<OrgTable>, ServiceError> {
    let found = app.directory.organization(org).await?;
    let Some(found) = found.filter(|found| found.status == OrgStatus::Active) else {
        return Ok(None);
    };
    Ok(by_the_system(
        app,
        found,
        &format!("daily look for the record of {name}"),
    ))
}

fn told(action: &'static str, before: &EmailDomain, after: &EmailDomain) -> Change {
    let state = |domain: &EmailDomain| json!({ "status": domain.status, "missing_since": domain.missing_since });
    Change::told(Event {
        action,
        resource: before.domain.to_string(),
        before: Some(state(before)),
        after: Some(state(after)),
    })
}

/// The notice of a record that is missing, or of a domain that has lapsed by it.
fn notice(app: &App, task: &Task, org: OrgId, domain: &EmailDomain) -> Task {
    let now = app.source.now();
    let ends_at = domain.missing_since.map(|since| since + MISSING_FOR);
    let notice = Task::queued(app.source.id(), org, TaskKind::TellDomain, "system", now);
    notice
        .child_of(task.id)
        .with_input(json!({ "domain": domain.domain, "ends_at": ends_at }))
}
