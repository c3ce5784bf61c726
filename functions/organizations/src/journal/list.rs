//! GET /v1/orgs/{org}/journal: what was done in an organisation.

use super::address;
use crate::App;
use aws_dynamodb::JournalFilter;
use axum::extract::State;
use domain::journal::Entry;
use domain::{OrgId, Permission};
use http_api::{Authenticated, Cursor, Json, Limit, Page, Path, Problem, Query, Refusals};
use jiff::Timestamp;
use serde::Deserialize;
use std::net::IpAddr;

/// Which entries, and which page of them.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Those of this person, key or task: an id.
    actor: Option<String>,
    /// Those that tell of this, as in `device.created`; `access.refused` is an attempt to change what its maker may not.
    action: Option<String>,
    /// Those about this: an id.
    resource: Option<String>,
    /// Those sent from this address (IPv4 or IPv6). It is found for as long as whoever sent them has an account.
    #[param(value_type = Option<String>)]
    address: Option<IpAddr>,
    /// Those from this moment on.
    from: Option<Timestamp>,
    /// Those before this moment.
    to: Option<Timestamp>,
    /// How many items at most.
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    /// The `next` of the page before.
    cursor: Option<Cursor>,
}

/// List the journal's entries, newest first. A page may hold fewer than `limit` though there are more: `next` tells.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/journal", operation_id = "listJournal", tag = "journal",
    params(("org" = OrgId, Path), Which),
    responses((status = 200, body = Page<Entry>), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    Query(which): Query<Which>,
) -> Result<Json<Page<Entry>>, Problem> {
    let grant = caller.require(org, Permission::JournalRead)?;
    let table = app.tables.open(&grant)?;
    let before = Cursor::parse(which.cursor)?;
    let filter = JournalFilter {
        actor: which.actor,
        action: which.action,
        resource: which.resource,
        from: which.from,
        to: which.to,
    };
    let limit = which.limit.get();
    let (entries, next) = match which.address {
        Some(address) => address::entries(&app, &table, (&filter, address), before, limit).await?,
        None => table.journal(&filter, before, limit).await?,
    };
    Ok(Json(Page::new(entries, next)))
}
