//! Versions of resources: `ETag` out, `If-Match` in (RFC 9110 sections 8.8.3 and 13.1.1).

use crate::{Json, Kind, Problem};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// The version that a change says it is of. Required: 428 without, 412 when the resource has moved on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub u64);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            let detail = "Send `If-Match` with the ETag of the version you have seen, so that nobody's change is lost.";
            return Err(Problem::new(Kind::VersionRequired, detail));
        };
        let quoted = value
            .to_str()
            .ok()
            .and_then(|text| text.strip_prefix('"')?.strip_suffix('"'));
        quoted.and_then(|text| text.parse().ok()).map(Self).ok_or_else(|| {
            Problem::new(
                Kind::BadRequest,
                "`If-Match` must be one ETag of this resource, such as \"3\" with its quotes.",
            )
        })
    }
}

impl IfMatch {
    /// Refuses a change of another version than the present one.
    pub fn must_be(self, present: u64) -> Result<(), Problem> {
        if self.0 == present { Ok(()) } else { Err(self.stale()) }
    }

    /// The problem when the resource has another version by now.
    pub fn stale(self) -> Problem {
        Problem::new(
            Kind::Stale,
            "The resource has changed since that version: read it again and repeat the change.",
        )
    }
}

/// An answer with the version of what it shows.
pub struct Versioned<T>(pub u64, pub T);

impl<T> Versioned<T> {
    /// The version as an `ETag`.
    pub(crate) fn tag(&self) -> String {
        format!("\"{}\"", self.0)
    }
}

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let tag = HeaderValue::from_str(&self.tag());
        let mut response = Json(self.1).into_response();
        if let Ok(tag) = tag {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}
