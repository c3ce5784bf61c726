//! GET /v1/orgs/{org}/domains/{domain}: one e-mail domain.

use super::{EmailDomainView, existing, versioned};
use crate::App;
use axum::extract::State;
use domain::email_domain::DomainName;
use domain::{OrgId, Permission};
use http_api::{Authenticated, Path, Problem, Refusals, Versioned};

/// Get an e-mail domain of an organisation, with the record that proves it.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/domains/{domain}", operation_id = "getEmailDomain", tag = "organizations",
    params(("org" = OrgId, Path), ("domain" = DomainName, Path)),
    responses((status = 200, body = EmailDomainView), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, name)): Path<(OrgId, DomainName)>,
) -> Result<Versioned<EmailDomainView>, Problem> {
    caller.require(org, Permission::MemberManage)?;
    let domain = existing(&app, org, &name).await?;
    Ok(versioned(domain))
}
