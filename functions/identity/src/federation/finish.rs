//! POST /v1/sessions/federated: finish to sign in through an identity provider.
//!
//! The sign-in under way is taken before the code is exchanged: whoever sends it a second time finds nothing, and a crash in between costs
//! a new start. The memberships that follow from groups, and from the address's domain, are a worker's task, accepted with what the provider told
//! of them: organisations' journals and tables are out of this function's reach, and one that is busy or being restored must not keep anybody
//! from signing in.

use super::{Federation, MARK};
use crate::App;
use crate::refusal::problem;
use crate::sessions::SessionView;
use aws_cognito::CognitoError;
use aws_dynamodb::Federated;
use aws_tokens::{IdFault, IdToken, KeyFault};
use axum::extract::State;
use domain::ServiceError;
use domain::federation::{Attempt, Begun, Groups};
use domain::task::{Task, TaskKind};
use http_api::{Created, Json, Kind, Problem, Refusals};
use serde::Deserialize;
use serde_json::json;

/// Longest code or state taken, in bytes; Cognito's codes are UUIDs.
const MAX_TEXT: usize = 2048;

/// What the browser brought back, with the ticket from the start.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderAnswer {
    #[schema(min_length = 1, max_length = 2048)]
    code: String,
    #[schema(min_length = 1, max_length = 2048)]
    state: String,
    #[schema(min_length = 1, max_length = 2048)]
    ticket: String,
}

/// Finish to sign in through an identity provider, within ten minutes of the start, once. Memberships that follow from groups are brought in line within
/// seconds.
#[utoipa::path(
    post, path = "/v1/sessions/federated", operation_id = "createFederatedSession", tag = "identity", request_body = ProviderAnswer,
    responses((status = 201, body = SessionView), Refusals),
    security(()),
)]
pub async fn handler(
    State(app): State<App>,
    Json(body): Json<ProviderAnswer>,
) -> Result<Created<Json<SessionView>>, Problem> {
    let federation = app.federation()?;
    let (attempt, begun) = resume(&app, &body).await?;
    let tokens = federation
        .pool
        .exchange(&federation.pages, &body.code, &begun.redirect_uri, &attempt)
        .await;
    let tokens = tokens.map_err(|error| match error {
        CognitoError::WrongCode => no_good(),
        error => problem(error),
    })?;
    let who = verified(&app, federation, &tokens.id, &attempt, &begun).await?;
    app.receive(federation, &who).await?;
    record(&app, &begun, &who).await?;
    let refresh = format!("{MARK}{}", tokens.refresh);
    let lifetime = tokens.lifetime();
    Ok(Created {
        location: None,
        body: Json(SessionView::of(tokens.access, refresh, lifetime)),
    })
}

/// The sign-in that is to be finished: begun here, with this ticket, not long ago, and not finished yet.
async fn resume(app: &App, body: &ProviderAnswer) -> Result<(Attempt, Begun), Problem> {
    for (pointer, text) in [
        ("/code", &body.code),
        ("/state", &body.state),
        ("/ticket", &body.ticket),
    ] {
        if text.is_empty() || text.len() > MAX_TEXT {
            return Err(Problem::field(pointer, "must have 1 to 2048 bytes"));
        }
    }
    let attempt = Attempt::resume(&body.ticket, &body.state).map_err(|_| no_good())?;
    let begun = app.directory.take_sign_in(&body.state, app.source.now()).await?;
    Ok((attempt, begun.ok_or_else(no_good)?))
}

/// Who the id token says signed in, at the provider where they began.
async fn verified(
    app: &App,
    federation: &Federation,
    token: &str,
    attempt: &Attempt,
    begun: &Begun,
) -> Result<IdToken, Problem> {
    let asked = (attempt.nonce(), app.source.now());
    let who = IdToken::verify(token, &federation.keys, &federation.rules, (&asked.0, asked.1)).await;
    let who = who.map_err(|fault| match fault {
        IdFault::Key(KeyFault::Outage(cause)) => ServiceError::Busy(cause).into(),
        // A code of another sign-in brings another nonce.
        fault => {
            tracing::warn!(%fault, "an id token was refused");
            no_good()
        }
    })?;
    if who.provider != begun.provider.as_str() {
        tracing::warn!("a sign-in came back from another provider than it went to");
        return Err(no_good());
    }
    Ok(who)
}

/// Notes what the provider told, and has the memberships that follow from it brought in line.
async fn record(app: &App, begun: &Begun, who: &IdToken) -> Result<(), Problem> {
    let now = app.source.now();
    let told = Federated {
        provider: begun.provider.clone(),
        username: who.username.clone(),
        groups: who.groups.as_deref().map(Groups::parse).unwrap_or_default(),
        signed_in_at: now,
    };
    let task = Task::queued(app.source.id(), None, TaskKind::SyncGroups, "system", now);
    let task = task.with_input(json!({ "user": who.user }));
    app.directory.record_sign_in(who.user, &told, &task).await?;
    app.tasks.wake(&task).await;
    Ok(())
}

/// One text for every sign-in that cannot be finished: which part was wrong is nobody's business.
fn no_good() -> Problem {
    Problem::new(
        Kind::Unauthorized,
        "The sign-in cannot be finished: it was begun elsewhere or more than ten minutes ago, is finished already, or its code is not good. Begin again.",
    )
}
