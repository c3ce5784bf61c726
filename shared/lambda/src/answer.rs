//! A router's answer as API Gateway takes it.

use axum::body::{Body, to_bytes};
use axum::http::{Response, StatusCode};
use lambda_http::IntoResponse;
use std::future::Future;
use std::pin::Pin;

/// An answer: what is UTF-8 goes out as text, anything else in base64. By itself, `lambda_http` goes by the media type, and brings the
/// tables of forty character sets to do so.
pub(crate) struct Answer(pub Response<Body>);

impl IntoResponse for Answer {
    fn into_response(self) -> Pin<Box<dyn Future<Output = Response<lambda_http::Body>> + Send>> {
        let (mut parts, body) = self.0.into_parts();
        Box::pin(async move {
            let bytes = to_bytes(body, usize::MAX).await.unwrap_or_else(|error| {
                tracing::error!(%error, "an answer broke off");
                parts.status = StatusCode::INTERNAL_SERVER_ERROR;
                axum::body::Bytes::new()
            });
            Response::from_parts(parts, of(bytes.into()))
        })
    }
}

fn of(bytes: Vec<u8>) -> lambda_http::Body {
    match String::from_utf8(bytes) {
        Ok(text) => lambda_http::Body::Text(text),
        Err(other) => lambda_http::Body::Binary(other.into_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn text_goes_out_as_it_is_and_bytes_in_base64() {
        let answer = Response::builder()
            .status(201)
            .header("x-a", "b")
            .body(Body::from("{\"é\":1}"));
        let answer = Answer(answer.unwrap()).into_response().await;
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["x-a"].as_bytes()),
            (201, &b"b"[..])
        );
        assert_eq!(answer.into_body(), lambda_http::Body::Text("{\"é\":1}".to_owned()));
        let answer = Answer(Response::new(Body::from(vec![0xff, 0]))).into_response().await;
        assert_eq!(answer.into_body(), lambda_http::Body::Binary(vec![0xff, 0]));
    }

    #[tokio::test]
    async fn an_answer_that_breaks_off_is_a_fault() {
        let broken = futures::stream::iter([Ok("half"), Err(std::io::Error::other("gone"))]);
        let answer = Answer(Response::new(Body::from_stream(broken))).into_response().await;
        assert_eq!(answer.status(), 500);
        assert_eq!(answer.into_body(), lambda_http::Body::Text(String::new()));
    }
}
