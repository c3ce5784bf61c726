//! GET /v1/admin/errors: the kinds of unexpected errors.

use crate::{App, ByStaff};
use aws_dynamodb::ErrorKind;
use axum::extract::State;
use http_api::{Cursor, Json, Page, Paging, Problem, Query, Refusals};
use jiff::Timestamp;
use serde::Serialize;

/// A kind of unexpected error. Nothing in it is anybody's.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ErrorView {
    /// Names the kind.
    fingerprint: String,
    /// The function that logs it.
    function: String,
    /// The module that logs it, or `platform` for what Lambda itself says.
    target: String,
    /// What it says, without what differs from one time to the next.
    text: String,
    /// How often it was seen.
    seen: u64,
    first_seen: Timestamp,
    last_seen: Timestamp,
    /// The request of the last; `null` where none is known.
    last_request: Option<String>,
    /// When staff were told.
    notified_at: Option<Timestamp>,
}

/// List the kinds of unexpected errors, the one that came up last at the top. For staff.
///
/// A page can be shorter than `limit`: what has not been seen for long is forgotten.
#[utoipa::path(
    get, path = "/v1/admin/errors", operation_id = "listErrors", tag = "operations", params(Paging),
    responses((status = 200, body = Page<ErrorView>), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    _: ByStaff,
    State(app): State<App>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ErrorView>>, Problem> {
    let after = Cursor::parse(paging.cursor)?;
    let (kinds, next) = app.directory.errors(after.as_ref(), paging.limit.get()).await?;
    Ok(Json(Page::new(kinds, next)))
}

impl From<ErrorKind> for ErrorView {
    fn from(kind: ErrorKind) -> Self {
        Self {
            fingerprint: kind.fingerprint,
            function: kind.function,
            target: kind.target,
            text: kind.text,
            seen: kind.seen,
            first_seen: kind.first_seen,
            last_seen: kind.last_seen,
            last_request: Some(kind.last_request).filter(|request| !request.is_empty()),
            notified_at: kind.notified_at,
        }
    }
}
