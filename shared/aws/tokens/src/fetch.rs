//! Key sets and tokens by plain HTTP requests, over HTTPS from Cognito or over HTTP from a local stand-in.

use crate::jwks::FetchKeys;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::{Request, StatusCode, Uri, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::aws_lc_rs;
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
}

/// A text that is not the URL of a key set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an absolute http or https URL")]
pub struct UrlError;

/// An endpoint that takes forms.
#[derive(Debug, Clone)]
pub struct Web {
    url: Uri,
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
    /// Takes an absolute `http` or `https` URL.
    pub fn new(url: &str) -> Result<Self, UrlError> {
        absolute(url).map(|url| Self { url })
    }

    async fn get(&self) -> Result<Vec<u8>, AnyError> {
        let answer = send(Request::get(self.url.clone()).body(Full::default())?).await?;
        match answer.status == StatusCode::OK {
            true => Ok(answer.body),
            false => Err(format!("status {}", answer.status).into()),
        }
    }
}

impl Web {
    /// Takes an absolute `http` or `https` URL.
    pub fn new(url: &str) -> Result<Self, UrlError> {
        absolute(url).map(|url| Self { url })
    }

    /// Posts a form (`application/x-www-form-urlencoded`) as a client with a secret (RFC 6749 section 2.3.1). An error's text is for the log,
    /// and holds nothing of what was sent.
    pub async fn post(&self, (client, secret): (&str, &str), form: String) -> Result<WebAnswer, String> {
        let credentials = STANDARD.encode(format!("{client}:{secret}"));
        let post = async {
            let request = Request::post(self.url.clone())
                .header(header::AUTHORIZATION, format!("Basic {credentials}"))
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            send(request.body(Full::from(form))?).await
        };
        within(EXCHANGE_TIMEOUT, post).await
    }
}

fn absolute(url: &str) -> Result<Uri, UrlError> {
    let url: Uri = url.parse().map_err(|_| UrlError)?;
    let known = matches!(url.scheme_str(), Some("http" | "https"));
    known.then_some(url).ok_or(UrlError)
}

async fn send(request: Request<Full<Bytes>>) -> Result<WebAnswer, AnyError> {
    // A client for each request: there are few in the life of an environment, and the roots are costly to read before the first.
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build(connector()?);
    let response = client.request(request).await?;
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

fn connector() -> Result<HttpsConnector<HttpConnector>, AnyError> {
    let tls = HttpsConnectorBuilder::new().with_provider_and_native_roots(aws_lc_rs::default_provider())?;
    Ok(tls.https_or_http().enable_http1().build())
}

/// An error with its causes: hyper's own text says only that a connection failed, not why.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
