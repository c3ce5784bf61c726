//! Machines: sessions of devices and of programs with an AWS role, and what a device learns of itself.
//!
//! The one function that holds the key that signs sessions (`domain::session`). One operation a file under its resource. To add one: a file
//! with `handler`, a line in [`routes`].

mod device;
mod device_sessions;
mod granter;
mod m2m_sessions;

pub use granter::Granter;

use aws_dynamodb::{Directory, OrgTables};
use domain::Source;
use domain::machine::AccountId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the operations work with.
#[derive(Clone)]
pub struct App {
    /// The organisations' tables.
    pub tables: OrgTables,
    /// Organisations, and the series of sessions that were ended.
    pub directory: Directory,
    /// Signs sessions.
    pub granter: Granter,
    /// The AWS accounts whose roles may sign.
    pub accounts: Vec<AccountId>,
    /// Time and ids.
    pub source: Source,
}

/// Every route, with its description for the contract.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(device_sessions::create::handler))
        .routes(routes!(device_sessions::renew::handler))
        .routes(routes!(m2m_sessions::create::handler))
        .routes(routes!(device::get::handler))
}

/// The router.
pub fn router(app: App) -> axum::Router {
    axum::Router::from(routes().with_state(app))
}
