//! POST /v1/sessions/refresh: new tokens of the same sign-in.
//!
//! What clients hold is sealed by us, and used once ([`domain::rotation`]). Rotating here and not in Cognito has one place decide, under a
//! condition, which of two uses was first, and end the sign-in where a token turns up again; Cognito's own rotation only refuses it.

use super::{RefreshToken, SessionView};
use crate::App;
use crate::federation::MARK;
use crate::refusal::problem;
use aws_cognito::{CognitoError, Tokens, UserPool};
use axum::extract::State;
use domain::rotation::{SESSION_KEPT, Use};
use domain::seal::{MAX_SEALED, Purpose};
use http_api::{Json, Kind, Problem, Refusals};
use serde::Deserialize;

/// A refresh token.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    refresh_token: String,
}

/// Get new tokens with a refresh token, the next refresh token among them. Each is good once; for ten seconds it is answered again, should the answer be lost. Used after that, it ends the whole sign-in: somebody else has it. After signing out it is no longer good.
#[utoipa::path(
    post, path = "/v1/sessions/refresh", operation_id = "refreshSession", tag = "identity", request_body = Refresh,
    responses((status = 200, body = SessionView), Refusals),
    security(()),
)]
pub async fn handler(State(app): State<App>, Json(body): Json<Refresh>) -> Result<Json<SessionView>, Problem> {
    if body.refresh_token.is_empty() || body.refresh_token.len() > MAX_SEALED {
        return Err(Problem::field("/refresh_token", "must be a refresh token"));
    }
    if body.refresh_token.starts_with(MARK) {
        return app.refresh_federated(body.refresh_token).await.map(Json);
    }
    let sealer = app.pool.sealer().await.map_err(problem)?;
    let refresh: RefreshToken = sealer.open(Purpose::Refresh, &body.refresh_token).ok_or_else(over)?;
    let again = app.given_before(&refresh).await?;
    let tokens = app
        .renewed(&app.pool, &refresh.token, Some(refresh.signed_in_at))
        .await?;
    let generation = match again {
        Some(present) => present,
        None => app.next(&refresh).await?,
    };
    let tokens = Tokens {
        refresh: Some(refresh.token),
        ..tokens
    };
    Ok(Json(app.session(tokens, generation).await?))
}

impl App {
    /// The number of the token that was given for this one a moment ago; none where this one is the good one. A sign-in whose token is used
    /// twice ends before anything is asked of Cognito.
    async fn given_before(&self, refresh: &RefreshToken) -> Result<Option<u32>, Problem> {
        let rotation = self.directory.rotation(&refresh.session).await?;
        match rotation.used(refresh.generation, self.source.now()) {
            Use::Current => Ok(None),
            Use::Again(present) => Ok(Some(present)),
            Use::Reused => Err(self.reused(refresh).await),
        }
    }

    /// New tokens of a sign-in through an identity provider, whose refresh token stays the same for the day that it is good.
    async fn refresh_federated(&self, refresh_token: String) -> Result<SessionView, Problem> {
        let (pool, token) = self.client_of(&refresh_token).ok_or_else(over)?;
        let tokens = self.renewed(pool, token, None).await?;
        Ok(SessionView::of(tokens.access, refresh_token, tokens.lifetime))
    }

    /// Cognito's new tokens, of a sign-in of that second where we know it. Cognito does not know of our signing out: its answer counts only while
    /// the sign-in is not over.
    async fn renewed(&self, pool: &UserPool, token: &str, since: Option<i64>) -> Result<Tokens, Problem> {
        let tokens = pool.refresh(token).await.map_err(|error| match error {
            CognitoError::Service(_) => problem(error),
            _ => over(),
        })?;
        let known = self
            .directory
            .user_credentials(tokens.profile.user, &tokens.session, None)
            .await?;
        let signed_in_at = since.unwrap_or(tokens.signed_in_at);
        if !known.known || known.is_over(signed_in_at) {
            forget(pool, token).await;
            return Err(over());
        }
        if known.pseudonym_key.is_none() {
            self.directory
                .ensure_pseudonym_key(tokens.profile.user, &self.source)
                .await?;
        }
        Ok(Tokens { signed_in_at, ..tokens })
    }

    /// The number of the next token. Of two uses at one moment one takes it, and the other gets it again.
    async fn next(&self, refresh: &RefreshToken) -> Result<u32, Problem> {
        let now = self.source.now();
        if self.directory.rotate(&refresh.session, refresh.generation, now).await? {
            return Ok(refresh.generation + 1);
        }
        self.given_before(refresh).await?.ok_or_else(over)
    }

    /// Ends a sign-in two people have a token of.
    async fn reused(&self, refresh: &RefreshToken) -> Problem {
        tracing::warn!(user = %refresh.user, "a refresh token was used twice: its sign-in ends");
        let until = self.source.now() + SESSION_KEPT;
        if let Err(error) = self.directory.revoke_session(&refresh.session, until).await {
            return error.into();
        }
        forget(&self.pool, &refresh.token).await;
        over()
    }
}

/// Has Cognito forget a refresh token of a sign-in that is over. The directory's row decides; this comes on top.
async fn forget(pool: &UserPool, token: &str) {
    if let Err(error) = pool.revoke(token).await {
        tracing::warn!(%error, "Cognito still knows a refresh token of a sign-in that is over");
    }
}

fn over() -> Problem {
    Problem::new(
        Kind::Unauthorized,
        "The refresh token is not, or no longer, good: sign in again.",
    )
}
