//! DELETE /v1/orgs/{org}/group-mappings/{mapping}: a group brings its role no more.

use crate::App;
use aws_dynamodb::{Change, Refused};
use axum::extract::State;
use domain::journal::Event;
use domain::{GroupMappingId, OrgId, Permission};
use http_api::{Authenticated, NoContent, Path, Problem, Refusals};
use serde_json::json;

/// Have a group bring its role no more. Who is a member by it stays one until their next sign-in, which they need within a day; remove them
/// to end it at once.
#[utoipa::path(
    delete, path = "/v1/orgs/{org}/group-mappings/{mapping}", operation_id = "deleteGroupMapping", tag = "organizations",
    params(("org" = OrgId, Path), ("mapping" = GroupMappingId, Path)),
    responses((status = 204, description = "Deleted"), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, id)): Path<(OrgId, GroupMappingId)>,
) -> Result<NoContent, Problem> {
    let grant = caller.require(org, Permission::MemberManage)?;
    let table = app.tables.open(&grant)?;
    let mapping = app.directory.group_mapping(org, id).await?.ok_or_else(missing)?;
    let event = Event {
        action: "group_mapping.deleted",
        resource: id.to_string(),
        before: Some(json!({ "provider": mapping.provider, "group": mapping.group, "role": mapping.role })),
        after: None,
    };
    match app
        .directory
        .delete_group_mapping(&table, Change::told(event), id)
        .await
    {
        Ok(()) => Ok(NoContent),
        Err(Refused::Write(_)) => Err(missing()),
        Err(Refused::Service(error)) => Err(error.into()),
    }
}

fn missing() -> Problem {
    Problem::not_found("group mapping")
}
