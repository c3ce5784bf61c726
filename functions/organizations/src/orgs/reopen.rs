//! POST /v1/orgs/{org}/reopen: call an organisation's end off.

use super::OrganizationView;
use crate::App;
use aws_dynamodb::Change;
use axum::extract::State;
use domain::journal::Event;
use domain::organization::{OrgStatus, Organization};
use domain::{Grant, OrgId, Permission, ServiceError};
use http_api::{Answered, Authenticated, IdempotencyKeyHeader, Json, Kind, Once, Path, Problem, Refusals};
use serde_json::json;

/// Reopen an organisation that is `closing`: it is in use again, as it was.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/reopen", operation_id = "reopenOrganization", tag = "organizations",
    params(("org" = OrgId, Path), IdempotencyKeyHeader),
    responses(
        (status = 200, body = OrganizationView),
        (status = 409, description = "The organisation is not closing, or is being deleted already"),
        Refusals,
    ),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    once: Once,
) -> Result<Answered<Json<OrganizationView>>, Problem> {
    let grant = caller.require(org, Permission::OrgDelete)?;
    once.run(&app.directory, app.source.now(), reopen(&app, &grant, &once))
        .await
}

async fn reopen(app: &App, grant: &Grant, once: &Once) -> Result<Json<OrganizationView>, Problem> {
    let found = app.directory.organization(grant.org()).await?;
    let found = found.ok_or_else(|| Problem::not_found("organisation"))?;
    if found.status != OrgStatus::Closing {
        let detail = format!(
            "The organisation is {}: only a closing one can be reopened.",
            found.status.as_str()
        );
        return Err(Problem::new(Kind::Conflict, detail));
    }
    let event = Event {
        action: "organization.reopened",
        resource: found.id.to_string(),
        before: found
            .closing
            .as_ref()
            .map(|closing| json!({ "deletes_at": closing.deletes_at })),
        after: None,
    };
    let latest = found.task;
    let org = Organization {
        status: OrgStatus::Active,
        closing: None,
        ..found
    };
    let change = app.directory.with_organization(Change::told(event), &org, latest)?;
    let answer = Json(OrganizationView::from(org));
    let change = app
        .directory
        .remember(change, once.record(&answer, app.source.now())?)?;
    let table = app.tables.open(grant)?;
    table.commit(change).await.map_err(ServiceError::from)?;
    Ok(answer)
}
