//! What a function does before its first request, so that nobody waits for it: Lambda lends a function that begins more of a processor than it then has.

use std::time::Duration;

/// How long the first request is kept waiting for it at most.
const PATIENCE: Duration = Duration::from_secs(1);

/// Opens connections before the first request. What comes of it, that request shows. Left out where Lambda makes an environment ahead of need
/// (AWS "Defined runtime environment variables"): a connection would be closed again by the time that somebody calls.
pub async fn ahead(work: impl Future<Output = ()>) {
    let kind = std::env::var("AWS_LAMBDA_INITIALIZATION_TYPE");
    if kind.is_ok_and(|kind| kind == "provisioned-concurrency") {
        return;
    }
    if tokio::time::timeout(PATIENCE, work).await.is_err() {
        tracing::warn!("connections could not be opened in {PATIENCE:?}");
    }
}
