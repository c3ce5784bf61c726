//! The network that a request comes from, as API Gateway saw it: no header that a caller can set.

use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::request::Parts;
use domain::lockout::Network;
use lambda_http::request::RequestContext;
use std::convert::Infallible;

/// Where a request comes from.
pub struct SourceNetwork(pub Network);

impl SourceNetwork {
    pub(crate) fn of(extensions: &Extensions) -> Self {
        let address = match extensions.get::<RequestContext>() {
            Some(RequestContext::ApiGatewayV1(context)) => context.identity.source_ip.as_deref(),
            _ => None,
        };
        let address = address.and_then(|text| text.parse().ok());
        Self(address.map_or_else(Network::unknown, Network::of))
    }
}

impl<S: Sync> FromRequestParts<S> for SourceNetwork {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}
