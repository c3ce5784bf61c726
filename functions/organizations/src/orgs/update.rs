//! PATCH /v1/orgs/{org}: rename an organisation, note things of it, close it for a while, say when its readings move to files.

use super::{OrganizationDetail, existing};
use crate::App;
use aws_dynamodb::{Change, Refused};
use axum::extract::State;
use domain::block_files::ArchiveAge;
use domain::journal::Event;
use domain::maintenance::Maintenance;
use domain::metadata::{MetadataError, MetadataPatch};
use domain::organization::{Organization, Profile};
use domain::text::Name;
use domain::{OrgId, Permission};
use http_api::{Authenticated, IfMatch, Json, Path, Problem, Refusals, Versioned, named};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What is to change; what is not named stays.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationChanges {
    name: Option<Name>,
    /// Notes to set, and with `null` to take away (RFC 7396): at most 50 in all, keys of 1 to 64 characters, values of up to 256, none of them a control character.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Option<String>>>)]
    metadata: Option<MetadataPatch>,
    /// Whether it is closed for a while: `none`, `read_only` or `no_access`, with a message for those who are kept out.
    maintenance: Option<Maintenance>,
    /// After how many days, by their own times, readings move from the table to files, where they cost a twentieth; `null` for never. Nothing
    /// that is read shows it. They move in the night, some weeks of a stream at once; what has moved stays there.
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<ArchiveAge>)]
    archive_readings_after: Option<Option<ArchiveAge>>,
}

/// Rename an organisation, note things of it, close it for a while, or say when its readings move to files. Its `ETag` counts these changes, not the steps of its life.
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
    let event = body.told(&old, &profile);
    let (new, profile) = body.applied_to(old, &profile)?;
    let change = Change::told(event);
    match app.directory.update_profile(&table, change, &new, &profile).await {
        Ok(()) => Ok(OrganizationDetail::versioned(new, profile)),
        Err(Refused::Write(_)) => Err(version.stale()),
        Err(Refused::Service(error)) => Err(error.into()),
    }
}

impl OrganizationChanges {
    fn applied_to(self, old: Organization, profile: &Profile) -> Result<(Organization, Profile), Problem> {
        let Self {
            name,
            metadata,
            maintenance,
            archive_readings_after,
        } = self;
        if name.is_none() && metadata.is_none() && maintenance.is_none() && archive_readings_after.is_none() {
            let detail = "must say a name, metadata, maintenance or archive_readings_after to change";
            return Err(Problem::field("", detail));
        }
        let patched = profile.metadata.patched(&metadata.unwrap_or_default());
        let new = Organization {
            name: name.unwrap_or(old.name),
            maintenance: maintenance.unwrap_or(old.maintenance),
            ..old
        };
        let profile = Profile {
            metadata: patched.map_err(|error| refused(&error))?,
            archive_readings_after: archive_readings_after.unwrap_or(profile.archive_readings_after),
            version: profile.version + 1,
        };
        Ok((new, profile))
    }

    /// What the journal tells: of each thing that is named, and of each key among the notes, before and after.
    fn told(&self, old: &Organization, profile: &Profile) -> Event {
        let (mut before, mut after) = (Map::new(), Map::new());
        let mut tell = |what: &str, old: Value, new: Value| {
            before.insert(what.to_owned(), old);
            after.insert(what.to_owned(), new);
        };
        if let Some(name) = &self.name {
            tell("name", json!(old.name), json!(name));
        }
        if let Some(patch) = &self.metadata {
            tell("metadata", json!(profile.metadata.at(patch)), json!(patch));
        }
        if let Some(maintenance) = &self.maintenance {
            tell("maintenance", json!(old.maintenance), json!(maintenance));
        }
        if let Some(age) = &self.archive_readings_after {
            tell(
                "archive_readings_after",
                json!(profile.archive_readings_after),
                json!(age),
            );
        }
        Event {
            action: "organization.updated",
            resource: old.id.to_string(),
            before: Some(before.into()),
            after: Some(after.into()),
        }
    }
}

fn refused(error: &MetadataError) -> Problem {
    // RFC 6901 section 3.
    let key = error.key().map(|key| key.replace('~', "~0").replace('/', "~1"));
    let pointer = key.map_or_else(|| "/metadata".to_owned(), |key| format!("/metadata/{key}"));
    Problem::field(pointer, error.to_string())
}
