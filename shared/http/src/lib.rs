//! What every HTTP function shares: problems, the caller, bodies, idempotency, paging, versions, rate limits, and the layers around a router.
//!
//! No route and no AWS SDK belongs here. To add an extractor, give it a file and a rejection that is a [`Problem`].

mod answer;
mod authenticated;
mod body;
mod deprecation;
mod idempotency;
mod layers;
mod network;
mod page;
mod path;
mod problem;
mod query;
mod rate_limit;
mod refusals;
mod refused;
mod replay;
mod version;

pub use answer::{Accepted, Created, NoContent, Several, Taken};
pub use authenticated::{Authenticated, Requested};
pub use body::{Body, Json, MAX_BODY_BYTES, named};
pub use deprecation::{DEPRECATED, Deprecated, announce_deprecations};
pub use idempotency::{IdempotencyKeyHeader, Once, OnceJson, SHOWN_ONCE};
pub use layers::wrap;
pub use network::SourceNetwork;
pub use page::{Cursor, Limit, Page, Paging};
pub use path::Path;
pub use problem::{FieldError, Kind, Problem, ProblemBody};
pub use query::Query;
pub use rate_limit::RateLimits;
pub use refusals::Refusals;
pub use refused::tell_refused;
pub use replay::{Answered, Replayable};
pub use version::{IfMatch, Versioned};
