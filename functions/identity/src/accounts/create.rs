//! POST /v1/accounts: sign up.

use super::AccountView;
use crate::App;
use crate::password::NewPassword;
use crate::refusal::problem;
use aws_cognito::CognitoError;
use axum::extract::State;
use domain::account::{AccountStatus, Notices, User};
use domain::text::{Email, Name};
use http_api::{Created, Json, Problem, Refusals};
use serde::Deserialize;

/// A new account.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    email: Email,
    password: NewPassword,
    name: Name,
}

/// Sign up. The password must have 12 to 256 characters, no control characters and no white space at its beginning or end. A code is mailed to the address; the account is good once it is confirmed.
#[utoipa::path(
    post, path = "/v1/accounts", operation_id = "createAccount", tag = "identity", request_body = NewAccount,
    responses((status = 201, body = AccountView), Refusals),
    security(()),
)]
pub async fn handler(
    State(app): State<App>,
    Json(body): Json<NewAccount>,
) -> Result<Created<Json<AccountView>>, Problem> {
    let NewAccount { email, password, name } = body;
    let id = app
        .pool
        .sign_up(&email, password.reveal(), &name)
        .await
        .map_err(|error| match error {
            // Cognito is stricter about an address than we are.
            CognitoError::NotPossible(why) => Problem::field("/email", format!("cannot be used: {why}")),
            error => problem(error),
        })?;
    let user = User {
        id,
        email,
        name,
        status: AccountStatus::Unconfirmed,
        created_at: app.source.now(),
        notices: Notices::default(),
    };
    // The account is made: an error would have the caller try again and be told that the address is taken. The first sign-in writes the row.
    if let Err(error) = app.directory.put_new_user(&user).await {
        tracing::warn!(user = %id, %error, "the account has no row yet");
    }
    Ok(Created {
        location: None,
        body: Json(user.into()),
    })
}
