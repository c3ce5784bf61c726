//! DELETE /v1/me/mfa: switch one's second factor off.
//!
//! Cognito first, then the directory: after a crash in between the row says that there is one, and the next sign-in has Cognito ask again.

use super::is_off;
use crate::App;
use crate::factors::Proof;
use crate::me::no_account;
use crate::network::From;
use crate::refusal::problem;
use axum::extract::State;
use domain::account::AccountEvent;
use http_api::{Authenticated, Json, NoContent, Problem, Refusals};

/// Switch your second factor off, with your password and a code or recovery code. From then on the password alone signs you in.
#[utoipa::path(
    delete, path = "/v1/me/mfa", operation_id = "endMfa", tag = "identity", request_body = Proof,
    responses((status = 204, description = "Switched off"), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    network: From,
    Json(proof): Json<Proof>,
) -> Result<NoContent, Problem> {
    let person = caller.person()?;
    let user = app.directory.user(person).await?.ok_or_else(no_account)?;
    if app.directory.mfa(person).await?.is_none() {
        return Err(is_off());
    }
    app.prove(&user, proof, network).await?;
    app.pool.ask_for_totp(person, false).await.map_err(problem)?;
    let notice = app.notice(person, AccountEvent::MfaOff);
    if app.directory.remove_mfa(person, &notice).await? {
        app.tasks.wake(&notice).await;
    }
    Ok(NoContent)
}
