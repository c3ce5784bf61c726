//! Sessions: signing in, going on, signing out.

pub mod create;
pub mod end;
pub mod refresh;

use aws_cognito::{Claims, Tokens};
use http_api::Problem;
use serde::Serialize;

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
    expires_in: u32,
}

impl From<Tokens> for SessionView {
    fn from(tokens: Tokens) -> Self {
        let Tokens {
            access,
            refresh,
            expires_in,
        } = tokens;
        Self {
            access_token: access,
            refresh_token: refresh,
            token_type: "Bearer",
            expires_in,
        }
    }
}

/// What Cognito's fresh tokens say.
fn claims(tokens: &Tokens) -> Result<Claims, Problem> {
    tokens
        .claims()
        .ok_or_else(|| Problem::internal("Cognito's access token lacks sub or origin_jti"))
}
