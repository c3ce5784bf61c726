//! DELETE /v1/sessions: sign out everywhere.

use crate::App;
use axum::extract::State;
use domain::UserId;
use http_api::{Authenticated, NoContent, Problem, Refusals};
use std::time::Duration;

/// How far Cognito's clock may be behind ours: both follow the Amazon Time Sync Service.
const SKEW: Duration = Duration::from_millis(100);

/// Sign out everywhere: from the next request on, no token of any sign-in of yours is good, this one's included. API keys stay.
#[utoipa::path(
    delete, path = "/v1/sessions", operation_id = "endAllSessions", tag = "identity",
    responses((status = 204, description = "Signed out everywhere"), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(Authenticated(caller): Authenticated, State(app): State<App>) -> Result<NoContent, Problem> {
    app.end_sessions(caller.person()?).await?;
    Ok(NoContent)
}

impl App {
    /// Ends every sign-in of a person. The row that the authorizer reads decides; that Cognito forgets the refresh tokens too comes on top.
    pub async fn end_sessions(&self, person: UserId) -> Result<(), Problem> {
        let now = self.source.now();
        self.directory.end_sessions(person, None, now).await?;
        // Cognito tells of a sign-in by the second: one that follows our answer must not fall into the second that is over.
        let rest = 1000_u64.saturating_sub(u64::try_from(now.as_millisecond().rem_euclid(1000)).unwrap_or(0));
        tokio::time::sleep(Duration::from_millis(rest) + SKEW).await;
        let told = self.directory.federated(person).await?;
        let username = told.map_or_else(|| person.sub(), |told| told.username);
        if let Err(error) = self.pool.end_sessions(&username).await {
            tracing::warn!(user = %person, %error, "Cognito still knows the refresh tokens of somebody who signed out everywhere");
        }
        Ok(())
    }
}
