//! POST /v1/sessions: sign in.

use super::SessionView;
use crate::App;
use crate::network::From;
use crate::password::Password;
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

/// Sign in. After five wrong passwords each further one costs a longer wait (429, `Retry-After`), and the owner of the address is mailed a link that ends it.
#[utoipa::path(
    post, path = "/v1/sessions", operation_id = "createSession", tag = "identity", request_body = Credentials,
    responses((status = 201, body = SessionView), Refusals),
    security(()),
)]
pub async fn handler(
    State(app): State<App>,
    From(network): From,
    Json(body): Json<Credentials>,
) -> Result<Created<Json<SessionView>>, Problem> {
    let tried = app.reserve_try(&body.email, network).await?;
    let tokens = match app.pool.sign_in(&body.email, body.password.reveal()).await {
        Ok(tokens) => tokens,
        Err(error) => return Err(app.refused(tried, error).await),
    };
    app.passed(tried).await;
    settle(&app, &tokens.profile).await?;
    app.directory
        .ensure_pseudonym_key(tokens.profile.user, &app.source)
        .await?;
    Ok(Created {
        location: None,
        body: Json(SessionView::new(tokens, String::new())),
    })
}

/// Whoever can sign in has confirmed their address: their row says so from now on. Should sign-up have failed to write it, it is written here.
async fn settle(app: &App, profile: &Profile) -> Result<(), Problem> {
    match app.directory.user(profile.user).await? {
        // A change of address that was cut in two.
        Some(user) if user.email != profile.email => app.directory.change_email(&user, &profile.email, false).await?,
        Some(user) if user.status == AccountStatus::Active => {}
        // The address may be that of somebody who signs in through an identity provider by now.
        Some(user) => {
            app.claim(&profile.email, user.id).await?;
            app.directory.activate_user(user.id, &profile.email).await?;
        }
        None => {
            app.claim(&profile.email, profile.user).await?;
            app.directory.put_new_user(&active(profile, app.source.now())?).await?;
        }
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
