//! Sessions: signing in, going on, signing out.

pub mod create;
pub mod end;
pub mod end_all;
pub mod refresh;

use aws_cognito::Tokens;
use serde::Serialize;
use std::time::Duration;

/// Tokens.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SessionView {
    /// Send it as `authorization: Bearer <access_token>`.
    access_token: String,
    /// With it `POST /v1/sessions/refresh` gives new tokens.
    refresh_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// How long the access token is good, in seconds.
    expires_in: u64,
}

impl SessionView {
    /// Tokens as their owner gets them. `refresh_token` is the one that stays in use where Cognito gave no new one.
    fn new(tokens: Tokens, refresh_token: String) -> Self {
        let refresh_token = tokens.refresh.unwrap_or(refresh_token);
        Self::of(tokens.access, refresh_token, tokens.lifetime)
    }

    /// The same of a sign-in through an identity provider.
    pub fn of(access_token: String, refresh_token: String, lifetime: Duration) -> Self {
        Self {
            access_token,
            refresh_token,
            token_type: "Bearer",
            expires_in: lifetime.as_secs(),
        }
    }
}
