//! POST /v1/orgs/{org}/restores: put an organisation's data back to what they were at a moment.

use crate::App;
use crate::orgs::OrganizationView;
use aws_dynamodb::Change;
use axum::extract::State;
use domain::journal::Event;
use domain::organization::{OrgStatus, Organization, RESTORABLE};
use domain::task::{Task, TaskKind};
use domain::{Denied, Grant, OrgId, Permission, ServiceError};
use http_api::{Accepted, Answered, Authenticated, IdempotencyKeyHeader, Once, OnceJson, Path, Problem, Refusals};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

/// A moment to go back to.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRestore {
    /// Within the last 35 days, and of the organisation's own time; counted to the second.
    at: Timestamp,
}

/// Put an organisation's data back to what they were at a moment: projects, devices, readings, journal. Members, API keys and stored files stay
/// as they are. Meanwhile the organisation is `restoring`, which takes minutes to hours, and its data can be neither read nor changed; uploads
/// accepted before wait, and are stored afterwards. When it fails, or is called off before it has begun, the data are as they were. The data
/// that are replaced are kept for a week.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/restores", operation_id = "restoreOrganization", tag = "organizations",
    params(("org" = OrgId, Path), IdempotencyKeyHeader), request_body = NewRestore,
    responses((status = 202, description = "Accepted; `Location` is the task", body = OrganizationView), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    OnceJson(once, body): OnceJson<NewRestore>,
) -> Result<Answered<Accepted<OrganizationView>>, Problem> {
    let grant = caller.require(org, Permission::OrgDelete)?;
    once.run(&app.directory, app.source.now(), request(&app, &grant, &once, body.at))
        .await
}

async fn request(app: &App, grant: &Grant, once: &Once, at: Timestamp) -> Result<Accepted<OrganizationView>, Problem> {
    let found = app.directory.organization(grant.org()).await?;
    let found = found.ok_or_else(|| Problem::not_found("organisation"))?;
    if found.status != OrgStatus::Active {
        return Err(Denied::NotReady(found.status).into());
    }
    let now = app.source.now();
    restorable(&found, at, now).map_err(|why| Problem::field("/at", why))?;
    let kind = TaskKind::RestoreOrganization;
    let task = Task::queued(app.source.id(), found.id, kind, grant.actor(), now).with_input(json!({ "at": at }));
    let latest = found.task;
    let org = Organization {
        status: OrgStatus::Restoring,
        task: task.id,
        ..found
    };
    let change = app
        .directory
        .with_organization(Change::told(told(&task, at)), &org, latest)?;
    let change = app.directory.with_task(change, &task)?;
    let answer = Accepted {
        location: task.path(),
        body: org.into(),
    };
    let change = app.directory.remember(change, once.record(&answer, now)?)?;
    let table = app.tables.open(grant)?;
    app.directory
        .commit(Some(&table), change)
        .await
        .map_err(ServiceError::from)?;
    app.tasks.wake(&task).await;
    Ok(answer)
}

fn told(task: &Task, at: Timestamp) -> Event {
    Event {
        action: "organization.restore_requested",
        resource: task.org.map(|org| org.to_string()).unwrap_or_default(),
        before: None,
        after: Some(json!({ "at": at, "task": task.id })),
    }
}

fn restorable(org: &Organization, at: Timestamp, now: Timestamp) -> Result<(), &'static str> {
    if at > now {
        return Err("must not be in the future");
    }
    if now.duration_since(at) > RESTORABLE {
        return Err("must be within the last 35 days");
    }
    if at < org.created_at {
        return Err("must not be before the organisation was created");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn a_moment_lies_within_the_backup_and_the_organizations_time() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let day = SignedDuration::from_hours(24);
        let org = |created_at| Organization {
            id: "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap(),
            name: "Acme".to_owned().try_into().unwrap(),
            status: OrgStatus::Active,
            generation: 1,
            last_generation: 1,
            table: Some("t".into()),
            schema: 1,
            task: "tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap(),
            step: 0,
            closing: None,
            created_by: "usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap(),
            created_at,
            machine_key: None,
            maintenance: domain::maintenance::Maintenance::default(),
        };
        let old = org(now - day * 100);
        assert_eq!(restorable(&old, now, now), Ok(()));
        assert_eq!(restorable(&old, now - day * 35, now), Ok(()));
        let second = SignedDuration::from_secs(1);
        assert!(restorable(&old, now + second, now).is_err());
        assert!(restorable(&old, now - day * 35 - second, now).is_err());
        assert!(restorable(&org(now - day), now - day * 2, now).is_err());
    }
}
