//! POST /v1/accounts/confirm/resend: mail the confirmation code again.

use super::Address;
use crate::App;
use crate::refusal::unless_down;
use axum::extract::State;
use http_api::{Json, NoContent, Problem, Refusals};

/// Mail the confirmation code again. The answer is the same whether there is such an account or not.
#[utoipa::path(
    post, path = "/v1/accounts/confirm/resend", operation_id = "resendConfirmation", tag = "identity", request_body = Address,
    responses((status = 204, description = "Mailed, if there is an account to confirm"), Refusals),
    security(()),
)]
pub async fn handler(State(app): State<App>, Json(body): Json<Address>) -> Result<NoContent, Problem> {
    unless_down(app.pool.resend_confirmation(&body.email).await)
}
