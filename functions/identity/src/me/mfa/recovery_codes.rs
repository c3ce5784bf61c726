//! POST /v1/me/mfa/recovery-codes: other recovery codes.

use super::{RecoveryCodes, is_off, mint};
use crate::App;
use crate::factors::Proof;
use crate::me::no_account;
use crate::network::From;
use axum::extract::State;
use domain::account::AccountEvent;
use http_api::{Authenticated, Json, Problem, Refusals};

/// Get ten other recovery codes, shown this once; those before are worth nothing from then on.
#[utoipa::path(
    post, path = "/v1/me/mfa/recovery-codes", operation_id = "renewRecoveryCodes", tag = "identity", request_body = Proof,
    responses((status = 200, body = RecoveryCodes), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    network: From,
    Json(proof): Json<Proof>,
) -> Result<Json<RecoveryCodes>, Problem> {
    let person = caller.person()?;
    let user = app.directory.user(person).await?.ok_or_else(no_account)?;
    if app.directory.mfa(person).await?.is_none() {
        return Err(is_off());
    }
    app.prove(&user, proof, network).await?;
    let (codes, hashes) = mint(person, &app.source);
    let notice = app.notice(person, AccountEvent::RecoveryCodesRenewed);
    if !app.directory.renew_recovery_codes(person, &hashes, &notice).await? {
        return Err(is_off());
    }
    app.tasks.wake(&notice).await;
    Ok(Json(codes))
}
