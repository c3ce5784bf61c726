//! POST /v1/sessions: sign in.

use super::challenge::ChallengeView;
use super::{FIRST, SessionView};
use crate::App;
use crate::network::From;
use crate::password::Password;
use crate::refusal::problem;
use aws_cognito::{Profile, SignIn, Tokens};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::account::{AccountStatus, Notices, User};
use domain::text::{Email, Name};
use http_api::{Created, Json, Kind, Problem, Refusals};
use jiff::Timestamp;
use serde::Deserialize;

/// Who signs in.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    email: Email,
    password: Password,
}

/// What the right password is answered with.
pub enum Answer {
    /// Signed in.
    Session(Created<Json<SessionView>>),
    /// Asked for the second factor.
    Challenge(Json<ChallengeView>),
}

/// Sign in. Somebody with a second factor gets a `session` with which `POST /v1/sessions/challenge` takes their code. After five wrong passwords or codes each further one costs a longer wait (429, `Retry-After`), and the owner of the address is mailed a link that ends it.
#[utoipa::path(
    post, path = "/v1/sessions", operation_id = "createSession", tag = "identity", request_body = Credentials,
    responses((status = 201, body = SessionView), (status = 200, description = "Asked for the second factor", body = ChallengeView), Refusals),
    security(()),
)]
pub async fn handler(
    State(app): State<App>,
    From(network): From,
    Json(body): Json<Credentials>,
) -> Result<Answer, Problem> {
    let Credentials { email, password } = body;
    let tried = app.reserve_try(&email, network).await?;
    match app.first_factor(&email, password.reveal()).await {
        Ok(SignIn::Tokens(tokens)) => {
            app.passed(tried, 1).await;
            app.signed_in(*tokens).await.map(Answer::Session)
        }
        Ok(SignIn::Challenge(challenge)) => {
            app.pending(tried).await;
            let asked = app.ask_second_factor(email, password.reveal(), challenge).await;
            asked.map(Answer::Challenge)
        }
        Err(error) => Err(app.refused(tried, error, problem).await),
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Session(session) => session.into_response(),
            Self::Challenge(challenge) => challenge.into_response(),
        }
    }
}

impl App {
    /// Gives somebody the tokens of a sign-in that is through with everything that is asked.
    pub async fn signed_in(&self, tokens: Tokens) -> Result<Created<Json<SessionView>>, Problem> {
        settle(self, &tokens.profile).await?;
        if tokens.profile.email_verified {
            self.enrol(tokens.profile.user, &tokens.profile.email).await?;
        }
        self.directory
            .ensure_pseudonym_key(tokens.profile.user, &self.source)
            .await?;
        let body = Json(self.session(tokens, FIRST).await?);
        Ok(Created { location: None, body })
    }
}

/// Whoever can sign in has confirmed their address: their row says so from now on. Should sign-up have failed to write it, it is written here.
async fn settle(app: &App, profile: &Profile) -> Result<(), Problem> {
    let state = app.directory.account_state(profile.user).await?;
    if state.as_ref().is_some_and(|state| state.deleted_by.is_some()) {
        return Err(Problem::new(Kind::Forbidden, "The account is being deleted."));
    }
    match state.map(|state| state.user) {
        // A change of address that was cut in two; one that was made around the API, and not proved, is none.
        Some(user) if user.email != profile.email && profile.email_verified => {
            app.directory.change_email(&user, &profile.email, false).await?;
        }
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
