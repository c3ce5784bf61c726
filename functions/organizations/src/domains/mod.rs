//! E-mail domains whose people become members. See [`domain::email_domain`] for the rules.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod update;
pub mod verify;

use crate::App;
use domain::email_domain::{DomainName, DomainStatus, EmailDomain};
use domain::{OrgId, Role};
use http_api::{Problem, Versioned};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

/// An organisation's e-mail domain.
#[derive(Serialize, utoipa::ToSchema)]
pub struct EmailDomainView {
    domain: DomainName,
    /// What people with an address there become.
    role: Role,
    /// Whether they become it while the domain is verified.
    enrolment: bool,
    status: DomainStatus,
    record: DnsRecord,
    verified_at: Option<Timestamp>,
    /// Since when the record of a verified domain is missing. After seven days the domain is `pending` again.
    missing_since: Option<Timestamp>,
    created_at: Timestamp,
}

/// The record that proves that the domain is the organisation's. It stays published: it is looked for each day.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DnsRecord {
    #[schema(example = "_millwright-challenge.acme.example")]
    name: String,
    #[schema(example = "TXT")]
    r#type: &'static str,
    #[schema(example = "millwright-verification=4t0c8m1v6z2k9q7w3x5n1b8r2d")]
    value: String,
}

impl From<EmailDomain> for EmailDomainView {
    fn from(domain: EmailDomain) -> Self {
        let record = DnsRecord {
            name: domain.record_name(),
            r#type: "TXT",
            value: domain.record_value(),
        };
        let EmailDomain {
            domain,
            role,
            enrolment,
            status,
            verified_at,
            missing_since,
            created_at,
            ..
        } = domain;
        Self {
            domain,
            role,
            enrolment,
            status,
            record,
            verified_at,
            missing_since,
            created_at,
        }
    }
}

/// A domain with its version.
fn versioned(domain: EmailDomain) -> Versioned<EmailDomainView> {
    Versioned(domain.version, domain.into())
}

/// A domain that must be there.
async fn existing(app: &App, org: OrgId, name: &DomainName) -> Result<EmailDomain, Problem> {
    let domain = app.directory.domain(org, name).await?;
    domain.ok_or_else(|| Problem::not_found("domain"))
}

/// Why a domain brings no owners.
const NO_OWNERS: &str = "nobody becomes an owner by an address";

/// What the journal tells of a domain.
fn terms(domain: &EmailDomain) -> Value {
    json!({ "role": domain.role, "enrolment": domain.enrolment })
}
