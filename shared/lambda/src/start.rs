//! What a function needs before its first event.

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use axum::Router;
use domain::Source;
use domain::rate::Leases;
use http_api::RateLimits;
use lambda_runtime::Error;
use std::time::Duration;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// One try of one AWS call.
const ATTEMPT: Duration = Duration::from_secs(4);
/// All tries of one AWS call: under the HTTP functions' 15 s, so that what hangs becomes an answer that says so.
const OPERATION: Duration = Duration::from_secs(9);

/// A function that has begun: where AWS is, and where time and randomness come from.
pub struct Start {
    /// Region, credentials and endpoint, as the environment gives them.
    pub aws: SdkConfig,
    /// Time and randomness.
    pub source: Source,
}

/// An environment variable that the template should have set and did not.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {0} is missing: template.yaml sets it for every function that needs it")]
pub struct StartError(pub String);

/// An environment variable that must be there.
pub fn env(name: &str) -> Result<String, StartError> {
    std::env::var(name)
        .ok()
        .filter(|value| !value.is_empty())
        .ok_or_else(|| StartError(name.to_owned()))
}

/// Begins a function: JSON logs (Lambda's own format for structured logs), AWS configuration.
pub async fn start() -> Start {
    start_within(ATTEMPT, OPERATION).await
}

/// The same with time-outs of its own for one try of an AWS call and for all of them, where the function's is short.
pub async fn start_within(attempt: Duration, operation: Duration) -> Start {
    let logs = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_max_level(LevelFilter::TRACE);
    // A second subscriber in one process (as in tests) is refused; the first goes on.
    let _ = logs.finish().with(logged()).try_init();
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(attempt)
        .operation_timeout(operation);
    let aws = aws_config::defaults(BehaviorVersion::latest());
    let aws = aws.timeout_config(timeouts.build()).load().await;
    Start {
        aws,
        source: crate::system(),
    }
}

/// What is logged: what `RUST_LOG` says (`info,hyper=debug`: levels, of targets by prefix), or else all from `info` on.
fn logged() -> Targets {
    let said = std::env::var("RUST_LOG").ok();
    said.and_then(|said| said.parse().ok())
        .unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO))
}

impl Start {
    /// The rate limits of an HTTP function, by the deployment's policies, with blocks leased there.
    pub fn rate_limits<L: Leases + Send + Sync + 'static>(&self, leases: L) -> Result<RateLimits<L>, Error> {
        let policies = env("RATE_LIMITS")?.parse()?;
        Ok(RateLimits::new(policies, leases, self.source.clone()))
    }
}

/// Serves a router behind API Gateway, within its limits, until Lambda ends the process.
pub async fn serve_http<L>(router: Router, limits: RateLimits<L>) -> Result<(), Error>
where
    L: Leases + Send + Sync + 'static,
{
    let origins = env("ALLOWED_ORIGINS")?;
    let router = http_api::announce_deprecations(limits.around(router), http_api::DEPRECATED);
    lambda_http::run(http_api::wrap(router, &origins)).await
}
