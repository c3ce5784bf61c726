//! Identity: accounts, sign-in, and what a person may ask about themselves.
//!
//! Cognito keeps passwords and signs tokens; callers wait for it, so it is called here and not by a worker. One operation a file under
//! its resource. To add one: a file with `handler`, a line in [`routes`].

mod access_token;
mod accounts;
mod enrolment;
mod factors;
mod federation;
mod lockout;
mod me;
mod network;
mod password;
mod password_resets;
mod refusal;
mod sessions;
#[cfg(test)]
mod tests;

pub use federation::{Federation, Provider};

use aws_cognito::UserPool;
use aws_dynamodb::Directory;
use aws_sqs::Queue;
use domain::Source;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the operations work with.
#[derive(Clone)]
pub struct App {
    /// Accounts and tokens.
    pub pool: UserPool,
    /// People, their second factors, and the sign-ins that are over.
    pub directory: Directory,
    /// Signing in through identity providers, where the deployment has any.
    pub federation: Option<Arc<Federation>>,
    /// Wakes the worker that mails notices and brings memberships in line.
    pub tasks: Queue,
    /// Time and randomness.
    pub source: Source,
}

/// Every route, with its description for the contract.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(accounts::create::handler))
        .routes(routes!(accounts::confirm::handler))
        .routes(routes!(accounts::resend::handler))
        .routes(routes!(accounts::unlock::handler))
        .routes(routes!(sessions::create::handler))
        .routes(routes!(federation::list::handler))
        .routes(routes!(federation::start::handler))
        .routes(routes!(federation::finish::handler))
        .routes(routes!(sessions::challenge::handler))
        .routes(routes!(sessions::refresh::handler))
        .routes(routes!(sessions::end::handler))
        .routes(routes!(sessions::end_all::handler))
        .routes(routes!(password_resets::create::handler))
        .routes(routes!(password_resets::confirm::handler))
        .routes(routes!(me::get::handler))
        .routes(routes!(me::permissions::handler))
        .routes(routes!(me::update::handler))
        .routes(routes!(me::email::handler))
        .routes(routes!(me::confirm_email::handler))
        .routes(routes!(me::password::handler))
        .routes(routes!(me::mfa::begin::handler))
        .routes(routes!(me::mfa::confirm::handler))
        .routes(routes!(me::mfa::recovery_codes::handler))
        .routes(routes!(me::mfa::end::handler))
        .routes(routes!(me::delete::handler))
}

/// The router.
pub fn router(app: App) -> axum::Router {
    axum::Router::from(routes().with_state(app))
}
