//! The key set by plain GET, over HTTPS from Cognito or over HTTP from a local stand-in.

use crate::jwks::FetchKeys;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::{StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::aws_lc_rs;
use std::time::Duration;

/// Longest wait: leaves time for the directory in what the function has for one answer.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Largest key set that is read; Cognito's two keys are under 1 KB.
const LARGEST: usize = 64 * 1024;

type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// A key set published at a URL.
#[derive(Debug, Clone)]
pub struct HttpKeys {
    url: Uri,
}

/// A text that is not the URL of a key set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("JWKS_URL must be an absolute http or https URL")]
pub struct UrlError;

impl HttpKeys {
    /// Takes an absolute `http` or `https` URL.
    pub fn new(url: &str) -> Result<Self, UrlError> {
        let url: Uri = url.parse().map_err(|_| UrlError)?;
        let known = matches!(url.scheme_str(), Some("http" | "https"));
        known.then_some(Self { url }).ok_or(UrlError)
    }

    async fn get(&self) -> Result<Vec<u8>, AnyError> {
        // A client for each fetch: there is one fetch in the life of most environments, and the roots are costly to read before it.
        let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build(connector()?);
        let response = client.get(self.url.clone()).await?;
        if response.status() != StatusCode::OK {
            return Err(format!("status {}", response.status()).into());
        }
        let body = Limited::new(response.into_body(), LARGEST).collect().await?;
        Ok(body.to_bytes().into())
    }
}

impl FetchKeys for HttpKeys {
    async fn fetch(&self) -> Result<Vec<u8>, String> {
        match tokio::time::timeout(TIMEOUT, self.get()).await {
            Ok(result) => result.map_err(|error| chain(error.as_ref())),
            Err(_) => Err(format!("no answer in {TIMEOUT:?}")),
        }
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
