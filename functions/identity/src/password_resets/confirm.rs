//! POST /v1/password-resets/confirm: set a new password.

use crate::App;
use crate::password::{ChosenPassword, Code};
use crate::refusal::code_problem;
use axum::extract::State;
use domain::mail::AddressHash;
use domain::text::Email;
use http_api::{Json, NoContent, Problem, Refusals};
use serde::Deserialize;

/// The code that was mailed, and the new password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reset {
    email: Email,
    code: Code,
    password: ChosenPassword,
}

/// Set a new password with the code that was mailed. It signs out everywhere, and ends a wait after wrong passwords.
#[utoipa::path(
    post, path = "/v1/password-resets/confirm", operation_id = "confirmPasswordReset", tag = "identity", request_body = Reset,
    responses((status = 204, description = "The new password is set"), Refusals),
    security(()),
)]
pub async fn handler(State(app): State<App>, Json(body): Json<Reset>) -> Result<NoContent, Problem> {
    let Reset { email, code, password } = body;
    let password = password.checked("/password", &email)?;
    let set = app
        .pool
        .confirm_password_reset(&email, code.as_str(), password.reveal())
        .await;
    set.map_err(code_problem)?;
    // Whoever has the mailbox has the account: what others have tried or opened with it is over.
    let address = AddressHash::of(&email);
    app.directory.unlock(&address).await?;
    if let Some(owner) = app.directory.owner(&address).await? {
        app.end_sessions(owner).await?;
    }
    Ok(NoContent)
}
