//! POST /v1/me/mfa: a secret for one's authenticator.
//!
//! With the password: whoever has got hold of an access token must not shut its owner out with an authenticator of theirs.

use super::is_on;
use crate::App;
use crate::access_token::access_token;
use crate::factors::Proof;
use crate::me::no_account;
use crate::network::From;
use crate::refusal::problem;
use axum::extract::State;
use axum::http::HeaderMap;
use domain::factor::otpauth_uri;
use http_api::{Authenticated, Json, Problem, Refusals};
use serde::Serialize;

/// A secret for an authenticator. It counts once a code of it is confirmed.
#[derive(Serialize, utoipa::ToSchema)]
pub struct AuthenticatorSecret {
    /// In base 32, to be typed in.
    secret: String,
    /// The same to be shown as a QR code.
    otpauth_uri: String,
}

/// Begin to set up a second factor: get a secret for your authenticator (TOTP, RFC 6238). Nothing changes until `POST /v1/me/mfa/confirm` shows that the authenticator has it; asked again, there is another secret.
#[utoipa::path(
    post, path = "/v1/me/mfa", operation_id = "beginMfa", tag = "identity", request_body = Proof,
    responses((status = 200, body = AuthenticatorSecret), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    network: From,
    headers: HeaderMap,
    Json(proof): Json<Proof>,
) -> Result<Json<AuthenticatorSecret>, Problem> {
    let person = caller.person()?;
    let user = app.directory.user(person).await?.ok_or_else(no_account)?;
    if app.directory.mfa(person).await?.is_some() {
        return Err(is_on());
    }
    app.prove(&user, proof, network).await?;
    let secret = app
        .pool
        .associate_totp(access_token(&headers)?)
        .await
        .map_err(problem)?;
    let otpauth_uri = otpauth_uri(&secret, user.email.as_str());
    Ok(Json(AuthenticatorSecret { secret, otpauth_uri }))
}
