//! GET /v1/me: oneself and one's organisations.

use super::{MeView, view};
use crate::App;
use axum::extract::State;
use http_api::{Authenticated, Json, Problem, Refusals};

/// Get your account, your choices, whether mail reaches you, and the organisations you belong to.
#[utoipa::path(
    get, path = "/v1/me", operation_id = "getMe", tag = "identity",
    responses((status = 200, body = MeView), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(Authenticated(caller): Authenticated, State(app): State<App>) -> Result<Json<MeView>, Problem> {
    Ok(Json(view(&app, caller.person()?).await?))
}
