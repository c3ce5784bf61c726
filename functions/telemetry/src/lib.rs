//! Telemetry: takes readings and reports in, and answers streams, readings, statistics and events from what the ingest worker made of them.
//!
//! What streams are is laid down here, too, and readings are deleted and copied. Uploads write nothing to a table: their message is the
//! acceptance ([`domain::task::UploadMessage`]). Answers read blocks by way of `stored`, or of `series` where they may be computed, a bounded
//! number of them for each request. One operation a file under its resource. To add one: a file with `handler`, a line in [`routes`].

mod copies;
mod deletions;
mod events;
mod gaps;
mod hand_over;
mod own;
mod readings;
mod reports;
mod scaling;
mod series;
mod statistics;
mod stored;
mod streams;

use aws_dynamodb::{Directory, OrgTables};
use aws_s3::Bucket;
use aws_sqs::Queue;
use domain::Source;
use domain::task::TaskSigner;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the operations work with.
#[derive(Clone)]
pub struct App {
    /// The organisations' tables.
    pub tables: OrgTables,
    /// Tasks.
    pub directory: Directory,
    /// The queue of the worker that does them.
    pub tasks: Queue,
    /// Where readings go.
    pub readings: Queue,
    /// Where reports go: in order for each streamer.
    pub reports: Queue,
    /// Uploads too large for a message, refused reports, and large bodies of events.
    pub storage: Bucket,
    /// Signs the ids of uploads.
    pub signer: TaskSigner,
    /// Time and ids.
    pub source: Source,
}

/// Every route, with its description for the contract.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(readings::create::handler, readings::list_many::handler))
        .routes(routes!(readings::create_many::handler))
        .routes(routes!(reports::create::handler))
        .routes(routes!(own::readings::handler))
        .routes(routes!(own::reports::handler))
        .routes(routes!(streams::list::handler))
        .routes(routes!(streams::get::handler, streams::update::handler))
        .routes(routes!(readings::list::handler))
        .routes(routes!(deletions::create::handler))
        .routes(routes!(copies::create::handler))
        .routes(routes!(statistics::get::handler))
        .routes(routes!(gaps::list::handler))
        .routes(routes!(events::list::handler))
        .routes(routes!(events::get::handler))
        .routes(routes!(statistics::project::handler))
}

/// The router.
pub fn router(app: App) -> axum::Router {
    let journal = app.tables.clone();
    http_api::tell_refused(axum::Router::from(routes().with_state(app)), journal)
}
