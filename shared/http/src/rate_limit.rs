//! Rate limits around a router: each request is taken into its subject's account, and the answer says how it stands.
//!
//! The headers are those of draft-ietf-httpapi-ratelimit-headers-11 (May 2026): `RateLimit-Policy: "person";q=1200;w=60` and
//! `RateLimit: "person";r=1180;t=34`, structured fields (RFC 9651) of one item. What is counted, how roughly, and what it costs:
//! [`domain::rate`].

use crate::authenticated::caller;
use crate::layers::{RATE_LIMIT, RATE_LIMIT_POLICY, panicked};
use crate::{Problem, SourceNetwork};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use domain::rate::{Account, Block, Class, Leases, Policies, Standing, Step, Subject, Verdict, WINDOW};
use domain::{ServiceError, Source};
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;

/// How long a caller waits for a lease at most: a first call to the database takes some 400 ms, a later one 5.
const LEASE_WITHIN: Duration = Duration::from_secs(1);

/// The rate limits of one execution environment.
pub struct RateLimits<L> {
    policies: Policies,
    leases: L,
    source: Source,
    account: Mutex<Account>,
}

impl<L: Leases + Send + Sync + 'static> RateLimits<L> {
    /// Limits by these policies, with blocks leased there.
    pub fn new(policies: Policies, leases: L, source: Source) -> Self {
        Self {
            policies,
            leases,
            source,
            account: Mutex::default(),
        }
    }

    /// Opens what leasing takes, before the first request.
    pub async fn open(&self) {
        self.leases.open().await;
    }

    /// Limits every request to a router. The answer to a panic bears the headers, too.
    pub fn around(self, router: Router) -> Router {
        router
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn_with_state(Arc::new(self), limit::<L>))
    }

    async fn verdict(&self, subject: &Subject) -> Verdict {
        let (policy, now) = (self.policies.of(subject.class()), self.source.now());
        match self.account(|account| account.spend(subject, policy, now)) {
            Step::Known(verdict) => verdict,
            Step::Lease(block) => self.lease(subject, block, now).await,
        }
    }

    /// Leases a block; where that fails, the request is served all the same ([`domain::rate`] says why).
    async fn lease(&self, subject: &Subject, block: Block, now: Timestamp) -> Verdict {
        let policy = self.policies.of(subject.class());
        let lease = self.leases.lease(subject, policy, block);
        let leased = tokio::time::timeout(LEASE_WITHIN, lease).await;
        let leased = leased.unwrap_or_else(|_| Err(ServiceError::Busy("no lease in time".to_owned())));
        self.account(|account| match leased {
            Ok(leased) => account.leased((subject, policy), block, leased, now),
            Err(error) => {
                tracing::warn!(%error, class = policy.class.name(), "requests are served uncounted");
                account.unanswered((subject, policy), block.window, now)
            }
        })
    }

    /// Never held while something is awaited.
    fn account<T>(&self, with: impl FnOnce(&mut Account) -> T) -> T {
        with(&mut self.account.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn limit<L>(State(limits): State<Arc<RateLimits<L>>>, request: Request, next: Next) -> Response
where
    L: Leases + Send + Sync + 'static,
{
    let (mut response, standing) = match limits.verdict(&subject(&request)).await {
        Verdict::Serve(standing) => (next.run(request).await, standing),
        Verdict::Refuse(standing) => (refused(standing).into_response(), standing),
    };
    for (name, value) in headers(standing) {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Whose request it is: the authorizer's caller, or, on a route without one, whoever is in the network it comes from.
fn subject(request: &Request) -> Subject {
    match caller(request.extensions()) {
        Some(caller) => Subject::of(&caller.principal),
        None => Subject::network(&SourceNetwork::of(request.extensions()).0),
    }
}

fn refused(standing: Standing) -> Problem {
    let whose = match standing.class {
        Class::Network => "from your network without credentials",
        _ => "with these credentials",
    };
    let detail = format!(
        "There were more than {} requests {whose} within a minute: wait as long as Retry-After says.",
        standing.quota
    );
    Problem::too_many(detail, Duration::from_secs(standing.reset.into()))
}

fn headers(standing: Standing) -> [(HeaderName, String); 2] {
    let Standing {
        quota,
        remaining,
        reset,
        ..
    } = standing;
    let name = standing.class.name();
    [
        (
            RATE_LIMIT_POLICY,
            format!("\"{name}\";q={quota};w={}", WINDOW.as_secs()),
        ),
        (RATE_LIMIT, format!("\"{name}\";r={remaining};t={reset}")),
    ]
}

#[cfg(test)]
mod tests;
