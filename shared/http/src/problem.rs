//! Errors as RFC 9457 `application/problem+json`, and the one table that gives each kind its status code.

mod body;

pub(crate) use body::MEDIA_TYPE;
pub use body::ProblemBody;

use axum::http::StatusCode;
use domain::access::Closed;
use domain::maintenance::{Maintenance, Mode};
use domain::organization::OrgStatus;
use domain::{Denied, ServiceError};
use serde::Serialize;
use std::time::Duration;

/// When a caller may try again after a service was busy: longer than a burst of throttling lasts.
const BUSY_FOR: Duration = Duration::from_secs(2);

/// When to look again whether maintenance is over: soon after it, and seldom enough for a fleet that waits.
const MAINTAINED_FOR: Duration = Duration::from_secs(60);

/// What went wrong, in kinds that clients can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request's syntax, query or headers.
    BadRequest,
    /// Sign-in failed, or the session is over.
    Unauthorized,
    /// The caller lacks a permission.
    Forbidden,
    /// No such resource, or none that the caller may know of.
    NotFound,
    /// The path takes other methods.
    MethodNotAllowed,
    /// The resource's state does not allow it.
    Conflict,
    /// Somebody changed the resource in between.
    Stale,
    /// Too large.
    TooLarge,
    /// Not a media type that the route takes.
    MediaType,
    /// The body is well formed and says something that cannot be.
    Invalid,
    /// The `Idempotency-Key` belongs to another request.
    KeyReused,
    /// The change must name the version it is of.
    VersionRequired,
    /// Too many requests.
    TooMany,
    /// Our fault.
    Internal,
    /// Our fault, and likely over soon.
    Unavailable,
    /// Closed for a while, with a purpose.
    Maintenance,
}

impl Kind {
    /// Status code, the name at the end of `type`, and title.
    fn row(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::BadRequest => (S::BAD_REQUEST, "bad-request", "The request cannot be read"),
            Self::Unauthorized => (S::UNAUTHORIZED, "unauthorized", "Sign in"),
            Self::Forbidden => (S::FORBIDDEN, "forbidden", "Not allowed"),
            Self::NotFound => (S::NOT_FOUND, "not-found", "Not found"),
            Self::MethodNotAllowed => (S::METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed"),
            Self::Conflict => (S::CONFLICT, "conflict", "In conflict with the present state"),
            Self::Stale => (S::PRECONDITION_FAILED, "stale-version", "Changed in between"),
            Self::TooLarge => (S::PAYLOAD_TOO_LARGE, "too-large", "Too large"),
            Self::MediaType => (S::UNSUPPORTED_MEDIA_TYPE, "media-type", "Media type not supported"),
            Self::Invalid => (S::UNPROCESSABLE_ENTITY, "invalid", "Not valid"),
            Self::KeyReused => (
                S::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "The key belongs to another request",
            ),
            Self::VersionRequired => (S::PRECONDITION_REQUIRED, "version-required", "If-Match is required"),
            Self::TooMany => (S::TOO_MANY_REQUESTS, "too-many-requests", "Too many requests"),
            Self::Internal => (S::INTERNAL_SERVER_ERROR, "internal", "Internal error"),
            Self::Unavailable => (S::SERVICE_UNAVAILABLE, "unavailable", "Unavailable"),
            Self::Maintenance => (S::SERVICE_UNAVAILABLE, "maintenance", "Closed for maintenance"),
        }
    }
}

/// One field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Where: a JSON Pointer into the body (RFC 6901), or the name of a query parameter or header.
    pub pointer: String,
    /// What to change.
    pub detail: String,
}

/// An error on its way out. The cause goes to the log, once, and never to the caller.
#[derive(Debug)]
pub struct Problem {
    kind: Kind,
    detail: String,
    errors: Vec<FieldError>,
    retry_after: Option<Duration>,
    cause: Option<String>,
}

impl Problem {
    /// A problem of a kind; `detail` tells the caller what to change.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
            cause: None,
        }
    }

    /// No such resource.
    pub fn not_found(what: &str) -> Self {
        Self::new(Kind::NotFound, format!("There is no such {what}."))
    }

    /// One field of the body is wrong.
    pub fn field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, "The body is not valid; `errors` says where.").and(pointer, detail)
    }

    /// One query parameter is wrong.
    pub fn query(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Kind::BadRequest, "The query is not valid; `errors` says where.").and(name, detail)
    }

    /// Something failed that the caller cannot mend. The answer is constant; the cause is logged.
    pub fn internal(cause: impl std::fmt::Debug) -> Self {
        let detail = "Something failed on our side. Try again; if it stays, report the x-request-id of this answer.";
        Self {
            cause: Some(format!("{cause:?}")),
            ..Self::new(Kind::Internal, detail)
        }
    }

    /// Something that we need is down or busy; the caller may try again after a while.
    pub fn unavailable(cause: impl std::fmt::Debug, retry_after: Duration) -> Self {
        let detail = "A service behind Millwright is busy: try again. A change may have been made all the same: look first, or send an `Idempotency-Key`.";
        let retry_after = Some(retry_after);
        Self {
            cause: Some(format!("{cause:?}")),
            retry_after,
            ..Self::new(Kind::Unavailable, detail)
        }
    }

    /// Too many requests of a kind; the next may come after this long.
    pub fn too_many(detail: impl Into<String>, retry_after: Duration) -> Self {
        let retry_after = Some(retry_after);
        Self {
            retry_after,
            ..Self::new(Kind::TooMany, detail)
        }
    }

    /// Closed for a while; `closed` says what.
    fn maintenance(closed: Closed, maintenance: &Maintenance) -> Self {
        let what = match closed {
            Closed::Organization => "This organisation",
            Closed::Deployment => "Millwright",
        };
        let how = match maintenance.mode {
            Mode::ReadOnly => "under maintenance: it can be read, and not changed",
            Mode::None | Mode::NoAccess => "closed for maintenance",
        };
        let detail = match &maintenance.message {
            Some(message) => format!("{what} is {how}. {message}"),
            None => format!("{what} is {how}. Send the request again later."),
        };
        let retry_after = Some(MAINTAINED_FOR);
        Self {
            retry_after,
            ..Self::new(Kind::Maintenance, detail)
        }
    }

    /// Adds a field that is wrong.
    #[must_use]
    pub fn and(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.errors.push(FieldError {
            pointer: pointer.into(),
            detail: detail.into(),
        });
        self
    }

    /// The same problem in words that fit better.
    #[must_use]
    pub(crate) fn saying(mut self, detail: &str) -> Self {
        detail.clone_into(&mut self.detail);
        self
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotFound => Self::not_found("organisation"),
            Denied::Lacks(permission) => Self::new(
                Kind::Forbidden,
                format!("This needs the permission {permission}, which you do not hold."),
            ),
            Denied::PeopleOnly => Self::new(
                Kind::Forbidden,
                "This is for people who have signed in; no key, machine or device can do it.",
            ),
            Denied::DevicesOnly => Self::new(
                Kind::Forbidden,
                "This is for devices, each for itself: get a session at /v1/device-sessions.",
            ),
            Denied::StaffOnly => Self::new(
                Kind::Forbidden,
                "This is for the staff who run this deployment; organisations' owners and API keys cannot do it.",
            ),
            Denied::NotReady(OrgStatus::Closing) => Self::new(
                Kind::Conflict,
                "The organisation is closing: its data can be read and exported, and nothing can be changed, unless an owner reopens it.",
            ),
            Denied::Beyond(permission) => Self::new(
                Kind::Forbidden,
                format!(
                    "This reaches beyond what you hold yourself: the permission {permission}, among what it gives or takes."
                ),
            ),
            Denied::Oneself => Self::new(
                Kind::Forbidden,
                "Nobody changes what they are themselves: somebody else with the permission member.manage can.",
            ),
            Denied::Maintenance(closed, maintenance) => Self::maintenance(closed, &maintenance),
            Denied::NotReady(status) => Self::new(
                Kind::Conflict,
                format!(
                    "The organisation is {}; this works while it is active.",
                    status.as_str()
                ),
            ),
        }
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Conflict => Self::new(
                Kind::Conflict,
                "Somebody else changed this at the same moment: read it again and repeat.",
            ),
            ServiceError::Busy(cause) => Self::unavailable(cause, BUSY_FOR),
            ServiceError::Throttled { after, cause } => Self::unavailable(cause, after),
            ServiceError::Failed(cause) => Self::internal(cause),
        }
    }
}
