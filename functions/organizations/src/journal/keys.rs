//! GET /v1/journal-keys: the keys that check journals' heads.

use crate::App;
use axum::extract::State;
use domain::journal::PublicKey;
use http_api::{Json, Page, Problem, Refusals};

/// List the public keys that check the signatures of journals' heads: the present one first, then those that signed before. For anybody: an
/// auditor needs no account.
#[utoipa::path(
    get, path = "/v1/journal-keys", operation_id = "listJournalKeys", tag = "journal",
    responses((status = 200, body = Page<PublicKey>), Refusals),
    security(()),
)]
pub async fn handler(State(app): State<App>) -> Result<Json<Page<PublicKey>>, Problem> {
    // They change with a deployment, and then this process does too: nobody can make it ask KMS over and over.
    let keys = app.public_keys.get_or_try_init(|| app.journal_keys.public()).await?;
    Ok(Json(Page::new(keys.clone(), None::<String>)))
}
