//! POST /v1/orgs: ask for an organisation.

use super::OrganizationView;
use crate::App;
use aws_dynamodb::Member;
use axum::extract::State;
use domain::journal::PseudonymKey;
use domain::maintenance::Maintenance;
use domain::organization::{OrgStatus, Organization, SCHEMA};
use domain::task::{Task, TaskKind};
use domain::text::Name;
use domain::{Role, ServiceError, UserId};
use http_api::{Accepted, Answered, Authenticated, IdempotencyKeyHeader, Kind, Once, OnceJson, Problem, Refusals};
use serde::Deserialize;

/// Most organisations one person can own: each is a stack and a table, of which an account has some thousands.
const MOST_OWNED: usize = 50;

/// A new organisation.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrganization {
    name: Name,
}

/// Create an organisation. Whoever asks becomes its owner; a worker creates its table, and then it is `active`.
#[utoipa::path(
    post, path = "/v1/orgs", operation_id = "createOrganization", tag = "organizations",
    params(IdempotencyKeyHeader), request_body = NewOrganization,
    responses((status = 202, description = "Accepted; `Location` is the task", body = OrganizationView), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    OnceJson(once, body): OnceJson<NewOrganization>,
) -> Result<Answered<Accepted<OrganizationView>>, Problem> {
    let owner = caller.person()?;
    once.run(&app.directory, app.source.now(), request(&app, &once, owner, body.name))
        .await
}

async fn request(app: &App, once: &Once, owner: UserId, name: Name) -> Result<Accepted<OrganizationView>, Problem> {
    may_own_another(app, owner).await?;
    let (id, now) = (app.source.id(), app.source.now());
    let kind = TaskKind::CreateOrganization;
    let task = Task::queued(app.source.id(), id, kind, owner.to_string(), now);
    let org = Organization {
        id,
        name,
        status: OrgStatus::Provisioning,
        generation: 1,
        last_generation: 1,
        table: None,
        schema: SCHEMA,
        task: task.id,
        step: 0,
        closing: None,
        created_by: owner,
        created_at: now,
        machine_key: Some(PseudonymKey::new(&app.source)),
        maintenance: Maintenance::default(),
    };
    let member = Member::new(id, owner, Role::Owner, now);
    let change = app.directory.with_new_organization(&org, &member, &task)?;
    let answer = Accepted {
        location: task.path(),
        body: org.into(),
    };
    let change = app.directory.remember(change, once.record(&answer, now)?)?;
    app.directory.commit(None, change).await.map_err(ServiceError::from)?;
    app.tasks.wake(&task).await;
    Ok(answer)
}

/// Refuses one organisation more than a person can own.
pub(crate) async fn may_own_another(app: &App, owner: UserId) -> Result<(), Problem> {
    let places = app.directory.organizations_of(owner).await?;
    let owned = places
        .iter()
        .filter(|(org, role)| *role == Role::Owner && org.status != OrgStatus::Deleted);
    if owned.count() >= MOST_OWNED {
        let detail = format!(
            "{MOST_OWNED} organisations are the most that one person can own: delete one, or let somebody else own it."
        );
        return Err(Problem::new(Kind::Conflict, detail));
    }
    Ok(())
}
