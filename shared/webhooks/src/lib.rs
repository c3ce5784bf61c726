//! Posting to addresses that members have named, so that nobody reaches by us what they could not reach themselves.
//!
//! A host's name is asked for here, every address that it has must be one of the Internet's ([`domain::filter::webhook::is_public`]), and the
//! connection goes to those addresses and to no other: what the name stands for a moment later makes no difference. A redirect is an answer like
//! any other and is not followed; of an answer nothing but its status is read. What is said in a post is its sender's affair.

use dns::Resolver;
use domain::ServiceError;
use domain::filter::webhook::{PlainHosts, Target, UrlError, WebhookUrl, is_public};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Request, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::aws_lc_rs;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll};
use std::time::Duration;
use tower::Service;

/// How long a receiver has, from the connection to the answer.
const TIMEOUT: Duration = Duration::from_secs(10);

type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// Posts.
#[derive(Debug, Clone)]
pub struct Poster {
    resolver: Resolver,
    plain_hosts: PlainHosts,
}

/// What is posted: JSON, with headers of its own.
pub struct Post {
    /// Its headers beside the media type.
    pub headers: Vec<(&'static str, String)>,
    /// Its body.
    pub body: String,
}

/// Why nothing was posted, or no answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotPosted {
    /// The URL, or an address of its host, is none that may be posted to.
    #[error("{0}")]
    Forbidden(&'static str),
    /// It may succeed later. The text is for the log.
    #[error(transparent)]
    Busy(#[from] ServiceError),
}

impl Poster {
    /// Asks that resolver; hosts of that list, and no others, may be posted to over plain HTTP, whatever their addresses.
    pub fn new(resolver: Resolver, plain_hosts: PlainHosts) -> Self {
        Self { resolver, plain_hosts }
    }

    /// Posts once; the answer's status.
    pub async fn post(&self, url: &WebhookUrl, post: Post) -> Result<u16, NotPosted> {
        let forbidden = |_: UrlError| NotPosted::Forbidden("its URL is none that may be posted to");
        let target = url.target(&self.plain_hosts).map_err(forbidden)?;
        let addresses = self.addresses(&target).await?;
        let sent = tokio::time::timeout(TIMEOUT, send(url, addresses, post)).await;
        let silent = |why: String| ServiceError::Busy(format!("{}: {why}", target.host));
        let answered = sent.map_err(|_| silent(format!("no answer in {TIMEOUT:?}")))?;
        Ok(answered.map_err(|error| silent(chain(error.as_ref())))?)
    }

    /// The addresses that the connection may go to.
    async fn addresses(&self, target: &Target<'_>) -> Result<Vec<SocketAddr>, NotPosted> {
        let found = match (target.plain, target.host.parse()) {
            (true, Ok(address)) => vec![address],
            _ => self.resolver.addresses(target.host).await?,
        };
        checked(target, found)
    }
}

/// The addresses of a host, where all of them may be posted to.
fn checked(target: &Target<'_>, found: Vec<IpAddr>) -> Result<Vec<SocketAddr>, NotPosted> {
    if found.is_empty() {
        return Err(ServiceError::Busy(format!("{} has no address", target.host)).into());
    }
    if !target.plain && !found.iter().copied().all(is_public) {
        return Err(NotPosted::Forbidden(
            "its host has an address that is not the Internet's",
        ));
    }
    let found = found.into_iter();
    Ok(found.map(|address| SocketAddr::new(address, target.port)).collect())
}

async fn send(url: &WebhookUrl, addresses: Vec<SocketAddr>, post: Post) -> Result<u16, AnyError> {
    let request = Request::post(url.as_str())
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, "Millwright");
    let with_headers =
        |request: hyper::http::request::Builder, (name, value): (&'static str, String)| request.header(name, value);
    let request = post.headers.into_iter().fold(request, with_headers);
    let request = request.body(Full::<Bytes>::from(post.body))?;
    // A client for each: a connection that is kept would go to addresses that were looked at before.
    let client = Client::builder(TokioExecutor::new()).build(pinned(addresses)?);
    Ok(client.request(request).await?.status().as_u16())
}

/// What every name stands for: addresses that have been looked at.
#[derive(Clone)]
struct Pinned(Vec<SocketAddr>);

impl Service<Name> for Pinned {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Name) -> Self::Future {
        ready(Ok(self.0.clone().into_iter()))
    }
}

/// Connects to these addresses, whatever the name; the name is what the certificate must be for.
fn pinned(addresses: Vec<SocketAddr>) -> Result<HttpsConnector<HttpConnector<Pinned>>, AnyError> {
    let mut connector = HttpConnector::new_with_resolver(Pinned(addresses));
    connector.enforce_http(false);
    let tls = HttpsConnectorBuilder::new().with_provider_and_native_roots(aws_lc_rs::default_provider())?;
    Ok(tls.https_or_http().enable_http1().wrap_connector(connector))
}

/// An error with its causes: hyper's own text says only that a connection failed, not why.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests;
