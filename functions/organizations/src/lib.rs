//! Organisations: their life, their restoration, their exports, their members, invitations and e-mail domains, their API keys, their tasks, their
//! journal.
//!
//! One operation a file under its resource. To add one: a file with `handler`, a line in [`routes`].

mod domains;
mod exports;
mod group_mappings;
mod invitations;
mod journal;
mod keys;
mod machines;
mod members;
mod orgs;
mod ownership;
mod restores;
mod scopes;
mod tasks;

use aws_dynamodb::{Directory, OrgTables};
use aws_kms::JournalKeys;
use aws_s3::Bucket;
use aws_sqs::Queue;
use domain::Source;
use domain::journal::PublicKey;
use domain::task::TaskSigner;
use jiff::SignedDuration;
use std::sync::Arc;
use tokio::sync::OnceCell;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the operations work with.
#[derive(Clone)]
pub struct App {
    /// Organisations, members, keys.
    pub directory: Directory,
    /// The organisations' own tables.
    pub tables: OrgTables,
    /// The queue of the worker that creates and deletes organisations.
    pub tasks: Queue,
    /// Where files for download lie.
    pub storage: Bucket,
    /// Checks the ids of uploads.
    pub signer: TaskSigner,
    /// Sign the journals' heads.
    pub journal_keys: JournalKeys,
    /// Their public halves, once somebody has asked for them.
    pub public_keys: Arc<OnceCell<Vec<PublicKey>>>,
    /// How long an organisation is closing before it is deleted.
    pub closing: SignedDuration,
    /// Time, ids and secrets.
    pub source: Source,
}

/// Every route, with its description for the contract.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(orgs::create::handler, orgs::list::handler))
        .routes(routes!(
            orgs::get::handler,
            orgs::update::handler,
            orgs::delete::handler
        ))
        .routes(routes!(orgs::reopen::handler))
        .routes(routes!(exports::create::handler))
        .routes(routes!(exports::readings::handler))
        .routes(routes!(restores::create::handler))
        .routes(routes!(members::list::handler))
        .routes(routes!(
            members::get::handler,
            members::update::handler,
            members::remove::handler
        ))
        .routes(routes!(ownership::create::handler))
        .routes(routes!(invitations::create::handler, invitations::list::handler))
        .routes(routes!(invitations::revoke::handler))
        .routes(routes!(invitations::resend::handler))
        .routes(routes!(invitations::accept::handler))
        .routes(routes!(group_mappings::create::handler, group_mappings::list::handler))
        .routes(routes!(group_mappings::delete::handler))
        .routes(routes!(domains::create::handler, domains::list::handler))
        .routes(routes!(
            domains::get::handler,
            domains::update::handler,
            domains::delete::handler
        ))
        .routes(routes!(domains::verify::handler))
        .routes(routes!(keys::create::handler, keys::list::handler))
        .routes(routes!(
            keys::get::handler,
            keys::update::handler,
            keys::revoke::handler
        ))
        .routes(routes!(keys::rotate::handler))
        .routes(routes!(machines::create::handler, machines::list::handler))
        .routes(routes!(machines::remove::handler))
        .routes(routes!(journal::list::handler))
        .routes(routes!(journal::head::handler))
        .routes(routes!(journal::keys::handler))
        .routes(routes!(journal::export::handler))
        .routes(routes!(tasks::list::handler))
        .routes(routes!(tasks::get::handler))
        .routes(routes!(tasks::file::handler))
        .routes(routes!(tasks::attempts::handler))
        .routes(routes!(tasks::retry::handler))
        .routes(routes!(tasks::cancel::handler))
}

/// The router.
pub fn router(app: App) -> axum::Router {
    let journal = app.tables.clone();
    http_api::tell_refused(axum::Router::from(routes().with_state(app)), journal)
}
