//! DELETE /v1/sessions/current: sign out.

use crate::App;
use axum::extract::State;
use domain::rotation::SESSION_KEPT;
use http_api::{Authenticated, NoContent, Problem, Refusals};

/// Sign out: from the next request on, no token of this sign-in is good, nor is its refresh token.
#[utoipa::path(
    delete, path = "/v1/sessions/current", operation_id = "endSession", tag = "identity",
    responses((status = 204, description = "Signed out"), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(Authenticated(caller): Authenticated, State(app): State<App>) -> Result<NoContent, Problem> {
    caller.person()?;
    let session = caller
        .session
        .ok_or_else(|| Problem::internal("the authorizer names no session"))?;
    app.directory
        .revoke_session(&session, app.source.now() + SESSION_KEPT)
        .await?;
    Ok(NoContent)
}
