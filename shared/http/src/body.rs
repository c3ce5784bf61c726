//! Request bodies: bounded, of the right media type, and parsed with the place of every error.

use crate::{Kind, Problem};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_path_to_error::Segment;

/// The largest body taken, 4 MiB: base 64 must fit into the 6 MB that Lambda takes (AWS "Lambda quotas").
pub const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// A JSON body, and a JSON answer.
pub struct Json<T>(pub T);

/// Reads a member that is there, be it `null`, where one that is not stays as it is (RFC 7396): for `deserialize_with`, beside `default`.
pub fn named<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// A body of any media type, with that type in lower case and without parameters.
pub struct Body {
    /// The media type, as in `application/json`; empty when the request names none.
    pub media_type: String,
    /// The bytes.
    pub bytes: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let media_type = media_type(request.headers());
        let bytes = Bytes::from_request(request, state).await.map_err(unreadable)?;
        Ok(Self { media_type, bytes })
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        Body::from_request(request, state).await?.json().map(Self)
    }
}

impl Body {
    /// Reads the body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        if self.media_type != "application/json" && !self.media_type.ends_with("+json") {
            let detail = "This route takes JSON: send `content-type: application/json`.";
            return Err(Problem::new(Kind::MediaType, detail));
        }
        // Keeping track of the place costs as much again as reading: it is looked for where there is an error.
        serde_json::from_slice(&self.bytes).or_else(|_| self.with_place())
    }

    fn with_place<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let mut deserializer = serde_json::Deserializer::from_slice(&self.bytes);
        let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| malformed(&error))?;
        deserializer.end().map_err(|error| syntax(&error))?;
        Ok(value)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

fn media_type(headers: &HeaderMap) -> String {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn unreadable(rejection: BytesRejection) -> Problem {
    match rejection.into_response().status().as_u16() {
        413 => Problem::new(
            Kind::TooLarge,
            "The body is larger than 4 MiB (4,194,304 bytes): send it in parts.",
        ),
        _ => Problem::new(Kind::BadRequest, "The body ended before it was whole: send it again."),
    }
}

fn malformed(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    if error.inner().is_data() {
        Problem::field(pointer(error.path()), without_position(error.inner()))
    } else {
        syntax(error.inner())
    }
}

fn syntax(error: &serde_json::Error) -> Problem {
    Problem::new(Kind::BadRequest, format!("The body is not JSON: {error}."))
}

/// serde_json ends its messages with a position that means nothing to whoever built the body from objects.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ")
        .map_or(text.clone(), |(message, _)| message.to_owned())
}

/// The path to the error as a JSON Pointer (RFC 6901).
fn pointer(path: &serde_path_to_error::Path) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}
