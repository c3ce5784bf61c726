//! POST /v1/accounts: sign up.

use super::AccountView;
use crate::App;
use crate::password::NewPassword;
use crate::refusal::problem;
use axum::extract::State;
use domain::account::{AccountStatus, User};
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

/// Sign up. A code is mailed to the address; the account is good once it is confirmed.
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
        .map_err(problem)?;
    let user = User {
        id,
        email,
        name,
        status: AccountStatus::Unconfirmed,
        created_at: app.source.now(),
    };
    // Should this fail, the first sign-in writes the row.
    app.directory.put_new_user(&user).await?;
    Ok(Created {
        location: None,
        body: Json(user.into()),
    })
}
