//! The access token of whoever is signed in, for the few calls that Cognito takes from its owner alone.

use axum::http::{HeaderMap, header};
use http_api::Problem;

/// The token that the authorizer has found good.
pub fn access_token(headers: &HeaderMap) -> Result<&str, Problem> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = value
        .and_then(|value| value.split_once(' '))
        .map(|(_, token)| token.trim());
    token.ok_or_else(|| Problem::internal("a person without an access token"))
}
