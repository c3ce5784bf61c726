//! POST /v1/orgs/{org}/group-mappings: give a role for a group of an identity provider.

use super::GroupMappingView;
use crate::App;
use crate::members::may_preset;
use aws_dynamodb::{Change, OrgTable, Refused};
use axum::extract::State;
use domain::federation::{Group, GroupMapping, ProviderName};
use domain::journal::Event;
use domain::{OrgId, Permission, Role, UserId};
use http_api::{
    Answered, Authenticated, Created, IdempotencyKeyHeader, Json, Kind, Once, OnceJson, Path, Problem, Refusals,
};
use serde::Deserialize;
use serde_json::json;

/// Most mappings of one organisation.
const MOST: usize = 100;

/// Which group, and what its people become.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGroupMapping {
    provider: ProviderName,
    group: Group,
    role: Role,
}

/// Make the people of an identity provider's group members, in a role, from their next sign-in on. You must be in the group yourself. Who is a member by
/// invitation stays what they are; who is in several groups gets the strongest of their roles; who leaves the group loses the role at their next
/// sign-in, which they need within a day.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/group-mappings", operation_id = "createGroupMapping", tag = "organizations",
    params(("org" = OrgId, Path), IdempotencyKeyHeader), request_body = NewGroupMapping,
    responses((status = 201, body = GroupMappingView), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    OnceJson(once, body): OnceJson<NewGroupMapping>,
) -> Result<Answered<Created<Json<GroupMappingView>>>, Problem> {
    let grant = caller.require(org, Permission::MemberManage)?;
    let person = caller.person()?;
    may_preset(&caller, org, body.role, "owners are made one by one, by an owner")?;
    let table = app.tables.open(&grant)?;
    once.run(&app.directory, app.source.now(), map(&app, &table, person, &once, body))
        .await
}

async fn map(
    app: &App,
    table: &OrgTable,
    person: UserId,
    once: &Once,
    body: NewGroupMapping,
) -> Result<Created<Json<GroupMappingView>>, Problem> {
    check(app, table.org(), person, &body).await?;
    let now = app.source.now();
    let NewGroupMapping { provider, group, role } = body;
    let mapping = GroupMapping {
        provider,
        group,
        role,
        created_by: person.to_string(),
        created_at: now,
    };
    let event = Event {
        action: "group_mapping.created",
        resource: mapping.id().to_string(),
        before: None,
        after: Some(json!({ "provider": mapping.provider, "group": mapping.group, "role": role })),
    };
    let answer = Created {
        location: None,
        body: Json(GroupMappingView::from(mapping.clone())),
    };
    let change = app
        .directory
        .remember(Change::told(event), once.record(&answer, now)?)?;
    match app.directory.create_group_mapping(table, change, &mapping).await {
        Ok(()) => Ok(answer),
        Err(Refused::Write(_)) => Err(Problem::new(
            Kind::Conflict,
            "This group brings a role already: delete its mapping first.",
        )),
        Err(Refused::Service(error)) => Err(error.into()),
    }
}

/// Nobody draws in the people of a group that they are not in themselves.
async fn check(app: &App, org: OrgId, person: UserId, body: &NewGroupMapping) -> Result<(), Problem> {
    let told = app.directory.federated(person).await?;
    if !told.is_some_and(|told| told.provider == body.provider && told.groups.contains(&body.group)) {
        let detail = "must be one that you are in yourself, as the provider told at your latest sign-in through it";
        return Err(Problem::field("/group", detail));
    }
    let (mappings, _) = app.directory.group_mappings(org, None, MOST).await?;
    match mappings.len() < MOST {
        true => Ok(()),
        false => Err(Problem::new(
            Kind::Conflict,
            "An organisation has at most 100 group mappings.",
        )),
    }
}
