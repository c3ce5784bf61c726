//! POST /v1/me/email/confirm: prove that one reads the mail of the new address.
//!
//! Cognito first, then the directory: after a crash in between the same request again mends it, and so does the next sign-in. What the new address's
//! domain brings comes last, and is left to the next sign-in by whatever goes wrong before: the token is used up by then.

use super::{MeView, no_account, view};
use crate::App;
use aws_cognito::CognitoError;
use axum::extract::State;
use domain::credential::{Token, TokenKind};
use domain::mail::AddressHash;
use http_api::{Authenticated, Json, Problem, Refusals};
use serde::Deserialize;

/// The token that was mailed to the new address.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailConfirmation {
    code: String,
}

/// Confirm your new address with the token that was mailed there. From then on you sign in with it.
#[utoipa::path(
    post, path = "/v1/me/email/confirm", operation_id = "confirmEmail", tag = "identity", request_body = EmailConfirmation,
    responses((status = 200, body = MeView), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Json(body): Json<EmailConfirmation>,
) -> Result<Json<MeView>, Problem> {
    let person = caller.person()?;
    let token = Token::parse(TokenKind::Email, &body.code)
        .map_err(|_| no_good())?
        .hash();
    let email = app.directory.email_link(person, &token, app.source.now()).await?;
    let email = email.ok_or_else(no_good)?;
    let user = app.directory.user(person).await?.ok_or_else(no_account)?;
    let owner = app.directory.owner(&AddressHash::of(&email)).await?;
    if owner.is_some_and(|owner| owner != person) {
        return Err(no_good());
    }
    match app.pool.change_email(person, &email).await {
        Ok(()) => {}
        Err(CognitoError::Service(error)) => return Err(error.into()),
        Err(_) => return Err(no_good()),
    }
    app.directory.change_email(&user, &email, true).await?;
    if let Err(error) = app.enrol(person, &email).await {
        tracing::warn!(user = %person, %error, "what the domain of an address brings waits for the next sign-in");
    }
    Ok(Json(view(&app, person).await?))
}

/// One text for a wrong token and for an address that somebody else has by now.
fn no_good() -> Problem {
    Problem::field("/code", "is wrong, used or too old: ask for the change again")
}
