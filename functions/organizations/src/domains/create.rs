//! POST /v1/orgs/{org}/domains: register an e-mail domain.

use super::{EmailDomainView, NO_OWNERS, terms, versioned};
use crate::App;
use crate::members::may_preset;
use aws_dynamodb::{Change, OrgTable, Refused};
use axum::extract::State;
use domain::email_domain::{Challenge, DomainName, DomainStatus, EmailDomain};
use domain::journal::Event;
use domain::{Grant, OrgId, Permission, Role};
use http_api::{
    Answered, Authenticated, Created, IdempotencyKeyHeader, Kind, Once, OnceJson, Path, Problem, Refusals, Versioned,
};
use serde::Deserialize;

/// Most domains of one organisation.
const MOST: usize = 20;

/// Which domain, and what its people become.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEmailDomain {
    /// With or without Punycode. Neither a public suffix nor a public e-mail provider's.
    domain: DomainName,
    /// What people with an address there become; `viewer` unless said, never `owner`.
    #[schema(nullable = false)]
    role: Option<Role>,
    /// Whether they become it; they do unless said.
    #[schema(nullable = false)]
    enrolment: Option<bool>,
}

/// Register an e-mail domain. It is `pending` until the TXT record of the answer is published and
/// `POST /v1/orgs/{org}/domains/{domain}/verification` has found it; at most one organisation can have it verified. From then on, whoever signs in
/// or confirms an address at the very domain (none below it) becomes a member in the role, once: a member keeps their role, and who was
/// removed or has left is not brought in again. Another address later ends no membership. An organisation has 20 domains at most.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/domains", operation_id = "createEmailDomain", tag = "organizations",
    params(("org" = OrgId, Path), IdempotencyKeyHeader), request_body = NewEmailDomain,
    responses(
        (status = 201, body = EmailDomainView),
        (status = 409, description = "The organisation has the domain already, or 20 of them"),
        Refusals,
    ),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    OnceJson(once, body): OnceJson<NewEmailDomain>,
) -> Result<Answered<Created<Versioned<EmailDomainView>>>, Problem> {
    let grant = caller.require(org, Permission::MemberManage)?;
    let domain = body.registered(&app, &grant)?;
    may_preset(&caller, org, domain.role, NO_OWNERS)?;
    let table = app.tables.open(&grant)?;
    once.run(&app.directory, app.source.now(), register(&app, &table, &once, domain))
        .await
}

impl NewEmailDomain {
    fn registered(self, app: &App, grant: &Grant) -> Result<EmailDomain, Problem> {
        let claimable = self.domain.claimable();
        claimable.map_err(|why| Problem::field("/domain", why.to_string()))?;
        Ok(EmailDomain {
            domain: self.domain,
            role: self.role.unwrap_or(Role::Viewer),
            enrolment: self.enrolment.unwrap_or(true),
            status: DomainStatus::Pending,
            challenge: Challenge::new(&app.source),
            verified_at: None,
            missing_since: None,
            created_by: grant.actor().to_owned(),
            created_at: app.source.now(),
            version: 1,
        })
    }
}

async fn register(
    app: &App,
    table: &OrgTable,
    once: &Once,
    domain: EmailDomain,
) -> Result<Created<Versioned<EmailDomainView>>, Problem> {
    let (domains, _) = app.directory.domains(table.org(), None, MOST).await?;
    if domains.len() >= MOST {
        let detail = format!("There are {MOST} domains, the most there can be: delete some.");
        return Err(Problem::new(Kind::Conflict, detail));
    }
    let event = Event {
        action: "domain.created",
        resource: domain.domain.to_string(),
        before: None,
        after: Some(terms(&domain)),
    };
    let answer = Created {
        location: Some(format!("/v1/orgs/{}/domains/{}", table.org(), domain.domain)),
        body: versioned(domain.clone()),
    };
    let record = once.record(&answer, domain.created_at)?;
    let change = app.directory.remember(Change::told(event), record)?;
    match app.directory.create_domain(table, change, &domain).await {
        Ok(()) => Ok(answer),
        Err(Refused::Write(_)) => Err(Problem::new(
            Kind::Conflict,
            "The organisation has this domain already.",
        )),
        Err(Refused::Service(error)) => Err(error.into()),
    }
}
