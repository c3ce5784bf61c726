//! PATCH /v1/me: change one's name and which mails one wants.
//!
//! Without a version: nobody else changes a person's row, and each member is set by itself, so that two windows of one person lose nothing.

use super::{MeView, no_account, view};
use crate::App;
use axum::extract::State;
use domain::ServiceError;
use domain::account::Notices;
use domain::text::Name;
use http_api::{Authenticated, Json, Problem, Refusals};
use serde::Deserialize;

/// What to change; what is left out stays.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeChange {
    name: Option<Name>,
    notices: Option<NoticesChange>,
}

/// Which mails you want.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticesChange {
    /// When a task of yours has failed for good.
    task_failed: bool,
}

/// Change your name, or which mails you want.
#[utoipa::path(
    patch, path = "/v1/me", operation_id = "updateMe", tag = "identity", request_body = MeChange,
    responses((status = 200, body = MeView), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Json(MeChange { name, notices }): Json<MeChange>,
) -> Result<Json<MeView>, Problem> {
    let person = caller.person()?;
    let notices = notices.map(|NoticesChange { task_failed }| Notices { task_failed });
    match app.directory.update_user(person, name.as_ref(), notices).await {
        Err(ServiceError::Conflict) => Err(no_account()),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(Json(view(&app, person).await?)),
    }
}
