//! POST /v1/password-resets: forget a password.

use crate::App;
use crate::accounts::Address;
use crate::refusal::unless_down;
use axum::extract::State;
use http_api::{Json, NoContent, Problem, Refusals};

/// Have a code mailed with which a new password can be set. The answer is the same whether there is such an account or not.
#[utoipa::path(
    post, path = "/v1/password-resets", operation_id = "requestPasswordReset", tag = "identity", request_body = Address,
    responses((status = 204, description = "Mailed, if there is such an account"), Refusals),
    security(()),
)]
pub async fn handler(State(app): State<App>, Json(body): Json<Address>) -> Result<NoContent, Problem> {
    unless_down(app.pool.request_password_reset(&body.email).await)
}
