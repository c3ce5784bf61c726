//! Answers other than 200.

use crate::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// 201 with the new resource and where it is.
pub struct Created<T> {
    /// The resource's path; none where it has no address of its own.
    pub location: Option<String>,
    /// What the caller gets to see.
    pub body: T,
}

/// 202 with what was accepted and the task that does it.
pub struct Accepted<T> {
    /// The task's path.
    pub location: String,
    /// What the caller gets to see.
    pub body: T,
}

/// 202 with what was accepted, where nobody can look at the task that does it.
pub struct Taken<T>(pub T);

/// 207: each of several things ended in its own way, which the caller must look at (RFC 4918 section 11.1).
pub struct Several<T>(pub T);

/// 204.
pub struct NoContent;

impl<T: IntoResponse> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        located(StatusCode::CREATED, self.location, self.body)
    }
}

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        located(StatusCode::ACCEPTED, Some(self.location), Json(self.body))
    }
}

impl<T: Serialize> IntoResponse for Taken<T> {
    fn into_response(self) -> Response {
        located(StatusCode::ACCEPTED, None, Json(self.0))
    }
}

impl<T: Serialize> IntoResponse for Several<T> {
    fn into_response(self) -> Response {
        located(StatusCode::MULTI_STATUS, None, Json(self.0))
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

fn located(status: StatusCode, location: Option<String>, body: impl IntoResponse) -> Response {
    let mut response = (status, body).into_response();
    if let Some(location) = location.and_then(|path| HeaderValue::from_str(&path).ok()) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}
