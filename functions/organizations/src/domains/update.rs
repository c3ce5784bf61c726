//! PATCH /v1/orgs/{org}/domains/{domain}: say what an e-mail domain's people become, and whether.

use super::{EmailDomainView, NO_OWNERS, existing, terms, versioned};
use crate::App;
use crate::members::may_preset;
use aws_dynamodb::{Change, Refused};
use axum::extract::State;
use domain::email_domain::{DomainName, EmailDomain};
use domain::journal::Event;
use domain::{OrgId, Permission, Role};
use http_api::{Authenticated, IfMatch, Json, Path, Problem, Refusals, Versioned};
use serde::Deserialize;

/// What is to change; what is not named stays.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailDomainChanges {
    /// What people with an address there become from now on; who is a member stays what they are.
    #[schema(nullable = false)]
    role: Option<Role>,
    /// Whether they become it.
    #[schema(nullable = false)]
    enrolment: Option<bool>,
}

/// Change what people with an address at a domain become, or whether they do.
#[utoipa::path(
    patch, path = "/v1/orgs/{org}/domains/{domain}", operation_id = "updateEmailDomain", tag = "organizations",
    params(("org" = OrgId, Path), ("domain" = DomainName, Path), ("if-match" = String, Header)), request_body = EmailDomainChanges,
    responses(
        (status = 200, body = EmailDomainView),
        (status = 412, description = "The domain has changed since that version"),
        (status = 428, description = "`If-Match` is missing"),
        Refusals,
    ),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, name)): Path<(OrgId, DomainName)>,
    version: IfMatch,
    Json(body): Json<EmailDomainChanges>,
) -> Result<Versioned<EmailDomainView>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::MemberManage)?)?;
    let old = existing(&app, org, &name).await?;
    version.must_be(old.version)?;
    let new = body.applied_to(&old)?;
    may_preset(&caller, org, new.role, NO_OWNERS)?;
    let event = Event {
        action: "domain.updated",
        resource: name.to_string(),
        before: Some(terms(&old)),
        after: Some(terms(&new)),
    };
    match app.directory.update_domain(&table, Change::told(event), &new).await {
        Ok(()) => Ok(versioned(new)),
        Err(Refused::Write(_)) => Err(version.stale()),
        Err(Refused::Service(error)) => Err(error.into()),
    }
}

impl EmailDomainChanges {
    fn applied_to(self, old: &EmailDomain) -> Result<EmailDomain, Problem> {
        if self.role.is_none() && self.enrolment.is_none() {
            return Err(Problem::field("", "must say a role or enrolment to change"));
        }
        Ok(EmailDomain {
            role: self.role.unwrap_or(old.role),
            enrolment: self.enrolment.unwrap_or(old.enrolment),
            version: old.version + 1,
            ..old.clone()
        })
    }
}
