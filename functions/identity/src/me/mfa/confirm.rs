//! POST /v1/me/mfa/confirm: switch one's second factor on.
//!
//! Cognito first, then the directory: after a crash in between Cognito asks for codes, and the next sign-in writes the row, without recovery
//! codes, which can be renewed.

use super::{RecoveryCodes, is_on, mint};
use crate::App;
use crate::access_token::access_token;
use crate::refusal::proof;
use aws_dynamodb::Mfa;
use axum::extract::State;
use axum::http::HeaderMap;
use domain::account::AccountEvent;
use domain::factor::TotpCode;
use http_api::{Authenticated, Json, Problem, Refusals};
use serde::Deserialize;

/// What the authenticator shows.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstCode {
    code: TotpCode,
}

/// Switch your second factor on with a code of the authenticator that has the secret. From then on signing in asks for a code. The answer holds ten recovery codes, shown this once.
#[utoipa::path(
    post, path = "/v1/me/mfa/confirm", operation_id = "confirmMfa", tag = "identity", request_body = FirstCode,
    responses((status = 200, body = RecoveryCodes), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    headers: HeaderMap,
    Json(FirstCode { code }): Json<FirstCode>,
) -> Result<Json<RecoveryCodes>, Problem> {
    let person = caller.person()?;
    if app.directory.mfa(person).await?.is_some() {
        return Err(is_on());
    }
    let token = access_token(&headers)?;
    app.pool.verify_totp(token, &code).await.map_err(proof)?;
    let now = app.source.now();
    // Whoever has seen it over a shoulder signs in with another one.
    app.directory.use_totp_code(person, &code, now).await?;
    app.pool.ask_for_totp(person, true).await.map_err(proof)?;
    let (codes, hashes) = mint(person, &app.source);
    let mfa = Mfa {
        since: now,
        recovery_codes: hashes,
    };
    let notice = app.notice(person, AccountEvent::MfaOn);
    app.directory.put_mfa(person, &mfa, &notice).await?;
    app.tasks.wake(&notice).await;
    Ok(Json(codes))
}
