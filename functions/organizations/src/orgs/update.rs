//! PATCH /v1/orgs/{org}: rename an organisation, note things of it.

use super::{OrganizationDetail, existing};
use crate::App;
use aws_dynamodb::{Change, Refused};
use axum::extract::State;
use domain::journal::Event;
use domain::metadata::{MetadataError, MetadataPatch};
use domain::organization::{Organization, Profile};
use domain::text::Name;
use domain::{OrgId, Permission};
use http_api::{Authenticated, IfMatch, Json, Path, Problem, Refusals, Versioned};
use serde::Deserialize;
use serde_json::{Value, json};

/// What is to change; what is not named stays.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationChanges {
    name: Option<Name>,
    /// Notes to set, and with `null` to take away (RFC 7396): at most 50 in all, keys of 1 to 64 characters, values of up to 256, none of them a control character.
    #[schema(value_type = Option<BTreeMap<String, Option<String>>>)]
    metadata: Option<MetadataPatch>,
}

/// Rename an organisation, or note things of it. Its `ETag` counts these changes, not the steps of its life.
#[utoipa::path(
    patch, path = "/v1/orgs/{org}", operation_id = "updateOrganization", tag = "organizations",
    params(("org" = OrgId, Path), ("if-match" = String, Header)), request_body = OrganizationChanges,
    responses(
        (status = 200, body = OrganizationDetail),
        (status = 412, description = "The organisation has changed since that version"),
        (status = 428, description = "`If-Match` is missing"),
        Refusals,
    ),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    version: IfMatch,
    Json(body): Json<OrganizationChanges>,
) -> Result<Versioned<OrganizationDetail>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::OrgManage)?)?;
    let (old, profile) = existing(&app, org).await?;
    version.must_be(profile.version)?;
    let event = told(&body, &old, &profile);
    let (new, profile) = body.applied_to(old, profile)?;
    let change = Change::told(event);
    match app.directory.update_profile(&table, change, &new.name, &profile).await {
        Ok(()) => Ok(OrganizationDetail::versioned(new, profile)),
        Err(Refused::Write(_)) => Err(version.stale()),
        Err(Refused::Service(error)) => Err(error.into()),
    }
}

impl OrganizationChanges {
    fn applied_to(self, old: Organization, profile: Profile) -> Result<(Organization, Profile), Problem> {
        let Self { name, metadata } = self;
        if name.is_none() && metadata.is_none() {
            return Err(Problem::field("", "must say a name or metadata to change"));
        }
        let patched = profile.metadata.patched(&metadata.unwrap_or_default()).map_err(refused)?;
        let new = Organization {
            name: name.unwrap_or(old.name),
            ..old
        };
        let profile = Profile {
            metadata: patched,
            version: profile.version + 1,
        };
        Ok((new, profile))
    }
}

/// What the journal tells: of the name and of each key that was named, before and after.
fn told(changes: &OrganizationChanges, old: &Organization, profile: &Profile) -> Event {
    let told = |name: &Name, metadata: Option<MetadataPatch>| {
        let name = changes.name.as_ref().map(|_| ("name", json!(name)));
        let metadata = metadata.map(|metadata| ("metadata", json!(metadata)));
        let members = name.into_iter().chain(metadata);
        Value::Object(members.map(|(key, value)| (key.to_owned(), value)).collect())
    };
    let before = changes.metadata.as_ref().map(|patch| profile.metadata.at(patch));
    Event {
        action: "organization.updated",
        resource: old.id.to_string(),
        before: Some(told(&old.name, before)),
        after: Some(told(changes.name.as_ref().unwrap_or(&old.name), changes.metadata.clone())),
    }
}

fn refused(error: MetadataError) -> Problem {
    // RFC 6901 section 3.
    let key = error.key().map(|key| key.replace('~', "~0").replace('/', "~1"));
    let pointer = key.map_or_else(|| "/metadata".to_owned(), |key| format!("/metadata/{key}"));
    Problem::field(pointer, error.to_string())
}
