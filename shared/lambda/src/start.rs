//! What a function needs before its first event.

use crate::ahead;
use crate::answer::Answer;
use crate::connections::{OneConnector, connector};
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use axum::Router;
use domain::Source;
use domain::rate::Leases;
use http_api::RateLimits;
use lambda_http::{Request, Service, service_fn};
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
    /// The function's connections, for what is called beside AWS.
    pub connector: SharedHttpConnector,
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
pub fn start() -> Start {
    start_within(ATTEMPT, OPERATION)
}

/// The same with time-outs of its own for one try of an AWS call and for all of them, where the function's is short.
pub fn start_within(attempt: Duration, operation: Duration) -> Start {
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
    let connector = connector();
    Start {
        aws: aws(timeouts.build(), connector.clone()),
        connector,
        source: crate::system(),
    }
}

/// AWS as Lambda's environment gives it, and nothing else: the SDK's own search through files, containers and other services for
/// what is not there would be a tenth of a small function.
fn aws(timeouts: TimeoutConfig, connector: SharedHttpConnector) -> SdkConfig {
    let credentials = EnvironmentVariableCredentialsProvider::new();
    let mut aws = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(env("AWS_REGION").ok().map(Region::new))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .identity_cache(IdentityCache::lazy().build())
        .retry_config(RetryConfig::standard())
        .timeout_config(timeouts)
        .http_client(OneConnector(connector));
    aws.set_endpoint_url(env("AWS_ENDPOINT_URL").ok());
    aws.build()
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
    ahead(limits.open()).await;
    let router = http_api::announce_deprecations(limits.around(router), http_api::DEPRECATED);
    let mut router = http_api::wrap(router, &origins);
    lambda_http::run(service_fn(move |request: Request| {
        let answer = router.call(request);
        async { answer.await.map(Answer) }
    }))
    .await
}
