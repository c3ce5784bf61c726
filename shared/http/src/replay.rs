//! Answers that can be given again, byte by byte.

use crate::{Accepted, Created, Json, Kind, Problem, Versioned};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::idempotency::{Answer, State};
use serde::Serialize;

/// Says that an answer is one given before.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The answer to a request that may have been carried out before.
#[derive(Debug)]
pub enum Answered<T> {
    /// It was carried out now.
    Now(T),
    /// It was carried out before, and was answered so.
    Before(Answer),
}

/// An answer that can be stored.
pub trait Replayable {
    /// What a repetition is answered.
    fn to_replay(&self) -> Result<Answer, Problem>;
}

impl<T> Answered<T> {
    /// The answer that a state allows: the one given before, or else the refusal; for a request that nobody has carried out, `refused`.
    pub(crate) fn from_state(state: State, refused: Problem) -> Result<Self, Problem> {
        match state {
            State::Started => Err(refused),
            State::Replay(answer) => Ok(Self::Before(answer)),
            State::InFlight => Err(refused.saying(
                "Whether this request was carried out is not known yet: send it again with the same `Idempotency-Key`, and it is carried out once.",
            )),
            State::Mismatch => Err(Problem::new(
                Kind::KeyReused,
                "This `Idempotency-Key` was sent with another body or query to the same path within 24 hours: take a new key for a new request.",
            )),
        }
    }
}

impl<T: IntoResponse> IntoResponse for Answered<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Now(answer) => answer.into_response(),
            Self::Before(answer) => replay(answer),
        }
    }
}

fn replay(answer: Answer) -> Response {
    let Ok(status) = StatusCode::from_u16(answer.status) else {
        return Problem::internal("the stored answer has no status code").into_response();
    };
    let mut response = (status, answer.body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    for (name, value) in [(header::LOCATION, answer.location), (header::ETAG, answer.etag)] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    response
}

impl<T: Serialize> Replayable for Json<T> {
    fn to_replay(&self) -> Result<Answer, Problem> {
        Ok(Answer {
            status: StatusCode::OK.as_u16(),
            location: None,
            etag: None,
            body: serde_json::to_string(&self.0).map_err(Problem::internal)?,
        })
    }
}

impl<T: Serialize> Replayable for Versioned<T> {
    fn to_replay(&self) -> Result<Answer, Problem> {
        Ok(Answer {
            etag: Some(self.tag()),
            ..Json(&self.1).to_replay()?
        })
    }
}

impl<T: Replayable> Replayable for Created<T> {
    fn to_replay(&self) -> Result<Answer, Problem> {
        Ok(Answer {
            status: StatusCode::CREATED.as_u16(),
            location: self.location.clone(),
            ..self.body.to_replay()?
        })
    }
}

impl<T: Serialize> Replayable for Accepted<T> {
    fn to_replay(&self) -> Result<Answer, Problem> {
        Ok(Answer {
            status: StatusCode::ACCEPTED.as_u16(),
            location: Some(self.location.clone()),
            ..Json(&self.body).to_replay()?
        })
    }
}
