//! Key sets and tokens by plain HTTP requests, over HTTPS from Cognito or over HTTP from a local stand-in.

use crate::jwks::FetchKeys;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt, Limited};
use hyper::{StatusCode, Uri};
use std::time::Duration;

/// Longest wait for keys: leaves time for the directory in what the authorizer has for one answer.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Longest wait for tokens, which Cognito looks up at the provider beforehand and signs.
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(5);
/// Largest answer that is read; Cognito's two keys are under 1 KB, the tokens of a sign-in under 10 KB.
const LARGEST: usize = 64 * 1024;

type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// A key set published at a URL.
#[derive(Debug, Clone)]
pub struct HttpKeys {
    url: Uri,
    connector: SharedHttpConnector,
}

/// A text that is not the URL of a key set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an absolute http or https URL")]
pub struct UrlError;

/// An endpoint that takes forms.
#[derive(Debug, Clone)]
pub struct Web {
    url: Uri,
    connector: SharedHttpConnector,
}

/// What an endpoint answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebAnswer {
    /// The status code.
    pub status: u16,
    /// The body as it came.
    pub body: Vec<u8>,
}

impl HttpKeys {
    /// Takes an absolute `http` or `https` URL, and the connections of the function.
    pub fn new(url: &str, connector: SharedHttpConnector) -> Result<Self, UrlError> {
        absolute(url).map(|url| Self { url, connector })
    }

    async fn get(&self) -> Result<Vec<u8>, AnyError> {
        let answer = send(&self.connector, request("GET", &self.url, SdkBody::empty())?).await?;
        match answer.status == StatusCode::OK {
            true => Ok(answer.body),
            false => Err(format!("status {}", answer.status).into()),
        }
    }
}

impl Web {
    /// Takes an absolute `http` or `https` URL, and the connections of the function.
    pub fn new(url: &str, connector: SharedHttpConnector) -> Result<Self, UrlError> {
        absolute(url).map(|url| Self { url, connector })
    }

    /// Posts a form (`application/x-www-form-urlencoded`) as a client with a secret (RFC 6749 section 2.3.1). An error's text is for the log,
    /// and holds nothing of what was sent.
    pub async fn post(&self, (client, secret): (&str, &str), form: String) -> Result<WebAnswer, String> {
        let credentials = STANDARD.encode(format!("{client}:{secret}"));
        let post = async {
            let mut request = request("POST", &self.url, SdkBody::from(form))?;
            let headers = request.headers_mut();
            headers.try_insert("authorization", format!("Basic {credentials}"))?;
            headers.try_insert("content-type", "application/x-www-form-urlencoded")?;
            send(&self.connector, request).await
        };
        within(EXCHANGE_TIMEOUT, post).await
    }
}

fn absolute(url: &str) -> Result<Uri, UrlError> {
    let url: Uri = url.parse().map_err(|_| UrlError)?;
    let known = matches!(url.scheme_str(), Some("http" | "https"));
    known.then_some(url).ok_or(UrlError)
}

fn request(method: &str, url: &Uri, body: SdkBody) -> Result<HttpRequest, AnyError> {
    let mut request = HttpRequest::new(body);
    request.set_method(method)?;
    request.set_uri(url.to_string())?;
    Ok(request)
}

async fn send(connector: &SharedHttpConnector, request: HttpRequest) -> Result<WebAnswer, AnyError> {
    let response = connector.call(request).await?;
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), LARGEST).collect().await?;
    Ok(WebAnswer {
        status,
        body: body.to_bytes().into(),
    })
}

async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, AnyError>>) -> Result<T, String> {
    match tokio::time::timeout(limit, work).await {
        Ok(result) => result.map_err(|error| chain(error.as_ref())),
        Err(_) => Err(format!("no answer in {limit:?}")),
    }
}

impl FetchKeys for HttpKeys {
    async fn fetch(&self) -> Result<Vec<u8>, String> {
        within(TIMEOUT, self.get()).await
    }
}

/// An error with its causes: the connector's own text says only that a connection failed, not why.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
