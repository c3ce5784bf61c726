//! POST /v1/me/password: another password, while signed in.
//!
//! The other sign-ins end before the password changes, and once more after: a crash in between leaves the old password, with which the same
//! request can be made again, and who signed in with it in the meantime is out as well.

use super::no_account;
use crate::App;
use crate::access_token::access_token;
use crate::network::From;
use crate::password::{ChosenPassword, Password};
use crate::refusal::problem;
use aws_cognito::CognitoError;
use axum::extract::State;
use axum::http::HeaderMap;
use domain::account::AccountEvent;
use http_api::{Authenticated, Json, NoContent, Problem, Refusals};
use serde::Deserialize;

/// The present password and the new one.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    current: Password,
    new: ChosenPassword,
}

/// Change your password. Every other sign-in of yours ends, and you are mailed. The rules are those of signing up.
#[utoipa::path(
    post, path = "/v1/me/password", operation_id = "changePassword", tag = "identity", request_body = PasswordChange,
    responses((status = 204, description = "The new password is set"), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    From(network): From,
    headers: HeaderMap,
    Json(PasswordChange { current, new }): Json<PasswordChange>,
) -> Result<NoContent, Problem> {
    let person = caller.person()?;
    let user = app.directory.user(person).await?.ok_or_else(no_account)?;
    let new = new.checked("/new", &user.email)?;
    let tried = app.reserve_try(&user.email, network).await?;
    if let Err(error) = app.first_factor(&user.email, current.reveal()).await {
        return Err(app.refused(tried, error, wrong_password).await);
    }
    app.passed(tried, 1).await;
    let keep = caller.session.as_deref();
    app.directory.end_sessions(person, keep, app.source.now()).await?;
    let token = access_token(&headers)?;
    let changed = app.pool.change_password(token, current.reveal(), new.reveal()).await;
    changed.map_err(wrong_password)?;
    app.directory.end_sessions(person, keep, app.source.now()).await?;
    app.accept_notice(person, AccountEvent::PasswordChanged).await;
    Ok(NoContent)
}

fn wrong_password(error: CognitoError) -> Problem {
    match error {
        CognitoError::WrongCredentials => Problem::field("/current", "is not your password"),
        CognitoError::WeakPassword(rule) => Problem::field("/new", rule),
        other => problem(other),
    }
}
