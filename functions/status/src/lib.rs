//! What anybody may ask without credentials: how the system fares, and its contract.

mod components;
mod health_json;
mod openapi;
mod state;

use aws_dynamodb::Directory;
use domain::Source;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the operations work with.
#[derive(Clone)]
pub struct App {
    /// Where the scheduled checks leave what they saw.
    pub directory: Directory,
    /// The time.
    pub source: Source,
}

/// Every route, with its description for the contract.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(state::handler))
        .routes(routes!(openapi::handler))
}

/// The router.
pub fn router(app: App) -> axum::Router {
    axum::Router::from(routes().with_state(app))
}
