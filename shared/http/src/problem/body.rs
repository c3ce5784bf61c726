//! How a problem goes out: as an answer of its own, or among others in an answer that tells of several things.

use super::{FieldError, Problem};
use crate::Kind;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// The media type of every error (RFC 9457 section 3).
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// The body of an error (RFC 9457).
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// What kind of problem: a URN that stays the same.
    #[serde(rename = "type")]
    #[schema(example = "urn:millwright:problem:not-found")]
    kind: String,
    /// The kind in words.
    title: &'static str,
    /// The HTTP status code.
    status: u16,
    /// What happened here, and what to change.
    detail: String,
    /// The fields that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

impl ProblemBody {
    /// The HTTP status code.
    pub fn status(&self) -> u16 {
        self.status
    }
}

impl From<Problem> for ProblemBody {
    /// Logs the cause, once: what goes out has none.
    fn from(problem: Problem) -> Self {
        let (status, name, title) = problem.kind.row();
        match (&problem.cause, problem.kind) {
            // It is tried again, by its caller.
            (Some(cause), Kind::Unavailable) => tracing::warn!(status = status.as_u16(), cause, "request failed"),
            (Some(cause), _) => tracing::error!(status = status.as_u16(), cause, "request failed"),
            (None, _) => {}
        }
        Self {
            kind: format!("urn:millwright:problem:{name}"),
            title,
            status: status.as_u16(),
            detail: problem.detail,
            errors: problem.errors,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let retry_after = self.retry_after;
        let body = ProblemBody::from(self);
        let status = StatusCode::from_u16(body.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let media_type: (HeaderName, HeaderValue) = (header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        let mut response = (status, [media_type], serde_json::to_vec(&body).unwrap_or_default()).into_response();
        if let Some(after) = retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
        }
        response
    }
}
