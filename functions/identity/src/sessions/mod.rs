//! Sessions: signing in, going on, signing out.

pub mod challenge;
pub mod create;
pub mod end;
pub mod end_all;
pub mod refresh;

use crate::App;
use crate::refusal::problem;
use aws_cognito::Tokens;
use domain::UserId;
use domain::seal::Purpose;
use http_api::Problem;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Tokens.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SessionView {
    /// Send it as `authorization: Bearer <access_token>`.
    access_token: String,
    /// With it `POST /v1/sessions/refresh` gives new tokens, the next refresh token among them: it is good once.
    refresh_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// How long the access token is good, in seconds.
    expires_in: u64,
}

impl SessionView {
    /// Tokens as their owner gets them. `refresh_token` is what goes out in the place of Cognito's.
    pub fn of(access_token: String, refresh_token: String, lifetime: Duration) -> Self {
        Self {
            access_token,
            refresh_token,
            token_type: "Bearer",
            expires_in: lifetime.as_secs(),
        }
    }
}

/// A refresh token, as it is sealed into what clients get: Cognito's own, and the number by which it is known that each is used once.
#[derive(Serialize, Deserialize)]
struct RefreshToken {
    /// Cognito's, which stays the same: nobody but us has it, nor the app client's secret that its use takes.
    token: String,
    session: String,
    user: UserId,
    generation: u32,
    /// The second of the sign-in: what ended every sign-in up to some second ends this one, whatever Cognito says of its renewals.
    signed_in_at: i64,
}

/// The number of a sign-in's first refresh token.
const FIRST: u32 = 0;

impl App {
    /// Tokens as their owner gets them.
    async fn session(&self, tokens: Tokens, generation: u32) -> Result<SessionView, Problem> {
        let token = tokens
            .refresh
            .ok_or_else(|| Problem::internal("no refresh token came"))?;
        let refresh = RefreshToken {
            token,
            session: tokens.session,
            user: tokens.profile.user,
            generation,
            signed_in_at: tokens.signed_in_at,
        };
        let sealer = self.pool.sealer().await.map_err(problem)?;
        let sealed = sealer.seal(Purpose::Refresh, &refresh, &self.source);
        let sealed = sealed.map_err(Problem::internal)?;
        Ok(SessionView::of(tokens.access, sealed, tokens.lifetime))
    }
}
