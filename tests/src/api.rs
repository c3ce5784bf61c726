//! An HTTP client with or without credentials, and its answers.

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use std::time::Duration;

/// A client of the API.
#[derive(Clone)]
pub struct Api {
    client: Client,
    base_url: String,
    credentials: Option<(&'static str, String)>,
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, where it is JSON; null otherwise.
    pub body: Value,
    /// The body as it came.
    pub text: String,
}

/// How often [`carried`] sends a request.
const TRIES: usize = 3;

/// Sends a request again that the local cloud failed to carry while it had too much to do. No refusal is a 5xx: what is expected to be
/// refused was refused or not sent.
pub async fn carried(send: impl AsyncFn() -> Answer) -> Answer {
    let mut answer = send().await;
    for _ in 1..TRIES {
        if answer.status >= 500 {
            answer = send().await;
        }
    }
    answer
}

impl Api {
    /// A client of the shared cloud, without credentials.
    pub fn anonymous() -> Self {
        Self::at(crate::base_url())
    }

    /// A client of the API at that address, without credentials.
    pub fn at(base_url: &str) -> Self {
        let client = Client::builder()
            .timeout(Duration::from_secs(60))
            .build()
            .expect("a client");
        Self {
            client,
            base_url: base_url.to_owned(),
            credentials: None,
        }
    }

    /// The same client with an access token.
    #[must_use]
    pub fn bearer(&self, token: &str) -> Self {
        Self {
            credentials: Some(("authorization", format!("Bearer {token}"))),
            ..self.clone()
        }
    }

    /// The same client with an API key.
    #[must_use]
    pub fn key(&self, secret: &str) -> Self {
        Self {
            credentials: Some(("x-api-key", secret.to_owned())),
            ..self.clone()
        }
    }

    /// The same credentials at the cloud of another client.
    #[must_use]
    pub fn moved_to(&self, other: &Self) -> Self {
        Self {
            base_url: other.base_url.clone(),
            ..self.clone()
        }
    }

    /// A request to be completed by the caller.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base_url));
        match &self.credentials {
            Some((name, value)) => request.header(*name, value),
            None => request,
        }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    /// POST of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        answer(self.request(Method::POST, path).json(body)).await
    }

    /// POST of bytes.
    pub async fn upload(&self, path: &str, media_type: &str, body: Vec<u8>) -> Answer {
        answer(
            self.request(Method::POST, path)
                .header("content-type", media_type)
                .body(body),
        )
        .await
    }

    /// PATCH of JSON, of the version with that `ETag`.
    pub async fn patch(&self, path: &str, etag: &str, body: &Value) -> Answer {
        answer(self.request(Method::PATCH, path).header("if-match", etag).json(body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        answer(self.request(Method::DELETE, path)).await
    }

    /// DELETE with a body of JSON.
    pub async fn delete_with(&self, path: &str, body: &Value) -> Answer {
        answer(self.request(Method::DELETE, path).json(body)).await
    }

    /// DELETE of the version with that `ETag`.
    pub async fn delete_version(&self, path: &str, etag: &str) -> Answer {
        answer(self.request(Method::DELETE, path).header("if-match", etag)).await
    }
}

/// Sends a request and reads the answer.
pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.expect("a body");
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer {
        status,
        headers,
        body,
        text,
    }
}

impl Answer {
    /// The body of an answer with this status; any other ends the test.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body
    }

    /// The `detail` of a problem with this status, after a look at what every problem must have.
    #[track_caller]
    pub fn problem(self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        assert!(!self.header("x-request-id").is_empty(), "no request id: {}", self.text);
        let kind = self.body["type"].as_str().unwrap_or_default();
        assert!(kind.starts_with("urn:millwright:problem:"), "{}", self.text);
        assert_eq!(self.body["status"], status, "{}", self.text);
        let detail = self.body["detail"].as_str().unwrap_or_default();
        assert!(detail.len() > 10, "a problem says what to change: {}", self.text);
        let errors = self.body["errors"].as_array().into_iter().flatten();
        errors.fold(detail.to_owned(), |text, error| {
            format!("{text} {}: {}", error["pointer"], error["detail"])
        })
    }

    /// An answer that maintenance refused, with these words in it.
    #[track_caller]
    pub fn closed(self, said: &str) {
        assert_eq!(self.header("retry-after"), "60", "{}", self.text);
        assert_eq!(self.body["type"], "urn:millwright:problem:maintenance", "{}", self.text);
        let detail = self.problem(503);
        assert!(detail.contains(said), "{detail}");
    }

    /// A header; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// A text member of the body.
    #[track_caller]
    pub fn text_of(&self, member: &str) -> String {
        self.body[member]
            .as_str()
            .unwrap_or_else(|| panic!("no {member} in {}", self.text))
            .to_owned()
    }
}
