//! POST /v1/admin/accounts/{user}/unlock: end somebody's wait after wrong passwords.

use crate::{App, ByStaff};
use axum::extract::State;
use domain::UserId;
use domain::mail::AddressHash;
use http_api::{NoContent, Path, Problem, Refusals};

/// End somebody's wait after wrong passwords. For staff.
#[utoipa::path(
    post, path = "/v1/admin/accounts/{user}/unlock", operation_id = "unlockSignIn", tag = "operations", params(("user" = UserId, Path)),
    responses((status = 204, description = "Sign-in is open again"), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    ByStaff(staff): ByStaff,
    State(app): State<App>,
    Path(user): Path<UserId>,
) -> Result<NoContent, Problem> {
    let found = app.directory.user(user).await?;
    let found = found.ok_or_else(|| Problem::not_found("account"))?;
    app.directory.unlock(&AddressHash::of(&found.email)).await?;
    tracing::info!(%user, by = %staff.id(), "sign-in is unlocked");
    Ok(NoContent)
}
