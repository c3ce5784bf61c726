//! GET /v1/orgs/{org}/journal/head: where the journal ends at present, signed.

use crate::App;
use axum::extract::State;
use domain::journal::SignedHead;
use domain::{OrgId, Permission};
use http_api::{Authenticated, Json, Path, Problem, Refusals};

/// Get where the journal ends at present, signed with a key that never leaves KMS. Kept elsewhere, it proves later that no entry up to here was
/// changed or removed: `cargo run -- verify` checks it, and so can any program by the keys of `GET /v1/journal-keys`.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/journal/head", operation_id = "getJournalHead", tag = "journal",
    params(("org" = OrgId, Path)),
    responses((status = 200, body = SignedHead), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
) -> Result<Json<SignedHead>, Problem> {
    let grant = caller.require(org, Permission::JournalRead)?;
    let head = app.tables.open(&grant)?.journal_head().await?;
    let key_id = app.journal_keys.present().to_owned();
    // Not a task's work: whoever asks for a head wants that of this moment, and waits some milliseconds for it.
    let head = SignedHead::unsigned(org, head, app.source.now(), key_id);
    Ok(Json(app.journal_keys.sign(head).await?))
}
