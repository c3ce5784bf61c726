//! The fleet: projects and the devices in them, and the filters that the readings of these go through.
//!
//! One operation a file under its resource. To add one: a file with `handler`, a line in [`routes`].

mod devices;
mod filters;
mod projects;

use aws_dynamodb::{Directory, OrgTables, Refused};
use aws_secrets::Sealing;
use aws_sqs::Queue;
use domain::Source;
use domain::filter::webhook::PlainHosts;
use http_api::{IfMatch, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the operations work with.
#[derive(Clone)]
pub struct App {
    /// The organisations' tables.
    pub tables: OrgTables,
    /// Where tasks are accepted.
    pub directory: Directory,
    /// The queue of the worker that does them.
    pub tasks: Queue,
    /// Seals the secrets of filters.
    pub sealing: Sealing,
    /// Hosts that webhooks may be posted to over plain HTTP.
    pub plain_hosts: PlainHosts,
    /// Time, ids and secrets.
    pub source: Source,
}

/// Every route, with its description for the contract.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(projects::create::handler, projects::list::handler))
        .routes(routes!(
            projects::get::handler,
            projects::update::handler,
            projects::delete::handler
        ))
        .routes(routes!(projects::token::handler))
        .routes(routes!(projects::sessions::handler))
        .routes(routes!(devices::sessions::handler))
        .routes(routes!(devices::create::handler, devices::list::handler))
        .routes(routes!(
            devices::get::handler,
            devices::update::handler,
            devices::delete::handler
        ))
        .routes(routes!(
            filters::project::get::handler,
            filters::project::put::handler,
            filters::project::delete::handler
        ))
        .routes(routes!(
            filters::stream::get::handler,
            filters::stream::put::handler,
            filters::stream::delete::handler
        ))
        .routes(routes!(filters::stream::transitions::handler))
}

/// The router.
pub fn router(app: App) -> axum::Router {
    let journal = app.tables.clone();
    http_api::tell_refused(axum::Router::from(routes().with_state(app)), journal)
}

/// A change of a version that is no longer the latest, or a database that failed.
fn not_changed(refused: Refused, version: IfMatch) -> Problem {
    match refused {
        Refused::Write(_) => version.stale(),
        Refused::Service(error) => error.into(),
    }
}
