//! POST /v1/accounts/confirm: confirm an address.

use crate::App;
use crate::password::Code;
use crate::refusal::code_problem;
use axum::extract::State;
use domain::text::Email;
use http_api::{Json, NoContent, Problem, Refusals};
use serde::Deserialize;

/// The code that was mailed.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    email: Email,
    code: Code,
}

/// Confirm the address of a new account with the code that was mailed there.
#[utoipa::path(
    post, path = "/v1/accounts/confirm", operation_id = "confirmAccount", tag = "identity", request_body = Confirmation,
    responses((status = 204, description = "Confirmed"), Refusals),
    security(()),
)]
pub async fn handler(State(app): State<App>, Json(body): Json<Confirmation>) -> Result<NoContent, Problem> {
    let confirmed = app.pool.confirm(&body.email, body.code.as_str()).await;
    confirmed.map(|()| NoContent).map_err(code_problem)
}
