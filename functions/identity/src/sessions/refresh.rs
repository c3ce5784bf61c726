//! POST /v1/sessions/refresh: new tokens of the same sign-in.

use super::SessionView;
use crate::App;
use crate::refusal::problem;
use aws_cognito::CognitoError;
use axum::extract::State;
use http_api::{Json, Kind, Problem, Refusals};
use serde::Deserialize;

/// Longest refresh token taken, in bytes; Cognito's have about 1,800.
const MAX_TOKEN: usize = 8192;

/// A refresh token.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    refresh_token: String,
}

/// Get new tokens with a refresh token. After signing out it is no longer good.
#[utoipa::path(
    post, path = "/v1/sessions/refresh", operation_id = "refreshSession", tag = "identity", request_body = Refresh,
    responses((status = 200, body = SessionView), Refusals),
    security(()),
)]
pub async fn handler(State(app): State<App>, Json(body): Json<Refresh>) -> Result<Json<SessionView>, Problem> {
    if body.refresh_token.is_empty() || body.refresh_token.len() > MAX_TOKEN {
        return Err(Problem::field("/refresh_token", "must be a refresh token"));
    }
    let (pool, refresh_token) = app.client_of(&body.refresh_token).ok_or_else(over)?;
    let tokens = pool.refresh(refresh_token).await.map_err(|error| match error {
        CognitoError::Service(_) => problem(error),
        _ => over(),
    })?;
    // Cognito does not know of our signing out: its answer counts only while the sign-in is not over.
    let known = app
        .directory
        .user_credentials(tokens.profile.user, &tokens.session, None)
        .await?;
    if !known.known || known.is_over(tokens.signed_in_at) {
        // Signing out had only the access token; here is the refresh token, for Cognito to forget as well.
        if let Err(error) = pool.revoke(refresh_token).await {
            tracing::warn!(%error, "Cognito still knows a refresh token that was signed out");
        }
        return Err(over());
    }
    if known.pseudonym_key.is_none() {
        app.directory
            .ensure_pseudonym_key(tokens.profile.user, &app.source)
            .await?;
    }
    Ok(Json(SessionView::new(tokens, body.refresh_token)))
}

fn over() -> Problem {
    Problem::new(
        Kind::Unauthorized,
        "The refresh token is not, or no longer, good: sign in again.",
    )
}
