//! POST /v1/sessions: sign in.

use super::SessionView;
use crate::App;
use crate::password::Password;
use crate::refusal::problem;
use aws_cognito::Profile;
use axum::extract::State;
use domain::account::{AccountStatus, Notices, User};
use domain::text::{Email, Name};
use http_api::{Created, Json, Problem, Refusals};
use jiff::Timestamp;
use serde::Deserialize;

/// Who signs in.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    email: Email,
    password: Password,
}

/// Sign in.
#[utoipa::path(
    post, path = "/v1/sessions", operation_id = "createSession", tag = "identity", request_body = Credentials,
    responses((status = 201, body = SessionView), Refusals),
    security(()),
)]
pub async fn handler(
    State(app): State<App>,
    Json(body): Json<Credentials>,
) -> Result<Created<Json<SessionView>>, Problem> {
    let tokens = app
        .pool
        .sign_in(&body.email, body.password.reveal())
        .await
        .map_err(problem)?;
    settle(&app, &tokens.profile).await?;
    Ok(Created {
        location: None,
        body: Json(SessionView::new(tokens, String::new())),
    })
}

/// Whoever can sign in has confirmed their address: their row says so from now on. Should sign-up have failed to write it, it is written here.
async fn settle(app: &App, profile: &Profile) -> Result<(), Problem> {
    match app.directory.user(profile.user).await? {
        Some(user) if user.status == AccountStatus::Active => {}
        Some(user) => app.directory.activate_user(user.id).await?,
        None => app.directory.put_new_user(&active(profile, app.source.now())?).await?,
    }
    Ok(())
}

fn active(profile: &Profile, created_at: Timestamp) -> Result<User, Problem> {
    Ok(User {
        id: profile.user,
        email: profile.email.clone(),
        name: name(profile)?,
        status: AccountStatus::Active,
        created_at,
        notices: Notices::default(),
    })
}

/// An account made around the API may have no name: what stands before the `@` has to do.
fn name(profile: &Profile) -> Result<Name, Problem> {
    let local = profile.email.as_str().split('@').next().unwrap_or_default();
    let name = profile.name.clone().map_or_else(|| Name::parse(local), Ok);
    name.map_err(Problem::internal)
}
