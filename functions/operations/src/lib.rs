//! What staff see and do to keep a deployment running: queues, their dead letters, pauses, unexpected errors, locked accounts. Nobody's data is shown here.
//!
//! One operation a file under its resource. To add one: a file with `handler` that takes [`ByStaff`] first, a line in [`routes`].
//! To add a queue: a line in [`domain::queue::QUEUES`], its variables and permissions in `template.yaml`.

mod accounts;
mod by_staff;
mod costs;
mod errors;
mod maintenance;
mod queues;
mod statistics;
mod tasks;
mod work;

pub use by_staff::ByStaff;
pub use queues::ManagedQueue;

use aws_dynamodb::Directory;
use domain::Source;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the operations work with.
#[derive(Clone)]
pub struct App {
    /// Where pauses are kept.
    pub directory: Directory,
    /// Every queue that staff look after.
    pub queues: Vec<ManagedQueue>,
    /// The time.
    pub source: Source,
}

/// Every route, with its description for the contract.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(queues::list::handler))
        .routes(routes!(queues::dead_letters::handler))
        .routes(routes!(queues::redrive::handler))
        .routes(routes!(queues::drain::handler))
        .routes(routes!(queues::resume::handler))
        .routes(routes!(tasks::upgrade::handler))
        .routes(routes!(tasks::get::handler))
        .routes(routes!(tasks::list::handler))
        .routes(routes!(work::list::handler))
        .routes(routes!(statistics::list::handler))
        .routes(routes!(costs::get::handler))
        .routes(routes!(accounts::unlock::handler))
        .routes(routes!(errors::list::handler))
        .routes(routes!(maintenance::get::handler, maintenance::set::handler))
}

/// The router.
pub fn router(app: App) -> axum::Router {
    axum::Router::from(routes().with_state(app))
}
