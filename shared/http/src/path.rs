//! Path parameters as typed ids.

use crate::{Kind, Problem};
use axum::extract::FromRequestParts;
use axum::extract::rejection::PathRejection;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// The path's parameters. One that is no id of its kind names nothing: 404, with the form that was expected.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(error)) => Err(Problem::new(
                Kind::NotFound,
                format!("Nothing is at this path: {}.", error.body_text()),
            )),
            Err(error) => Err(Problem::internal(error)),
        }
    }
}
