//! The caller, from the authorizer's context, and why they ask, from the request.

use crate::{Kind, Problem};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Method};
use domain::Caller;
use domain::access::decision::Act;
use domain::journal::{Origin, PseudonymKey, Reason, ReasonError};
use lambda_http::request::RequestContext;
use std::net::IpAddr;

/// The header that says why.
const REASON: &str = "x-reason";
/// What the paths of the staff's routes begin with.
const STAFF_PATH: &str = "/v1/admin/";

/// Where a request comes from and why. For routes without the authorizer; the others have it in their caller.
pub struct Requested {
    address: Option<IpAddr>,
    reason: Option<Reason>,
}

impl Requested {
    /// What the journal tells of it: the address under the key of whoever the request turned out to be from, and none where there is no key.
    pub fn origin(self, key: Option<&PseudonymKey>) -> Origin {
        Origin {
            address: self.address.zip(key).map(|(address, key)| key.address(address)),
            reason: self.reason,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Requested {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(RequestContext::ApiGatewayV1(context)) = parts.extensions.get::<RequestContext>() else {
            return Err(Problem::internal("the request did not come through API Gateway"));
        };
        let address = context.identity.source_ip.as_deref();
        Ok(Self {
            address: address.and_then(|address| address.parse().ok()),
            reason: reason(&parts.headers)?,
        })
    }
}

/// Who calls. Every route with the authorizer in front takes this first.
pub struct Authenticated(pub Caller);

impl<S: Sync> FromRequestParts<S> for Authenticated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller =
            caller(&parts.extensions).ok_or_else(|| Problem::internal("the authorizer's context names no caller"))?;
        let origin = Origin {
            reason: reason(&parts.headers)?,
            ..caller.origin.clone()
        };
        Ok(Self(
            Caller { origin, ..caller }.admit(act(&parts.method, parts.uri.path()))?,
        ))
    }
}

/// What a request does: one that is safe by its method (RFC 9110 section 9.2.1) only looks.
fn act(method: &Method, path: &str) -> Act {
    match *method {
        _ if path.starts_with(STAFF_PATH) => Act::Operate,
        Method::GET | Method::HEAD | Method::OPTIONS => Act::Read,
        _ => Act::Change,
    }
}

/// The caller that the authorizer names; none on a route without it.
pub(crate) fn caller(extensions: &Extensions) -> Option<Caller> {
    let Some(RequestContext::ApiGatewayV1(context)) = extensions.get::<RequestContext>() else {
        return None;
    };
    let fields = &context.authorizer.fields;
    Caller::from_context(|name| fields.get(name).and_then(|value| value.as_str()))
}

fn reason(headers: &HeaderMap) -> Result<Option<Reason>, Problem> {
    let malformed = |detail: String| {
        Problem::new(Kind::BadRequest, "`x-reason` is not valid; `errors` says why.").and(REASON, detail)
    };
    let mut values = headers.get_all(REASON).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(malformed("must be sent once".to_owned()));
    }
    let text = std::str::from_utf8(value.as_bytes()).unwrap_or_default();
    let reason = Reason::parse(text).map_err(|error: ReasonError| malformed(error.to_string()));
    reason.map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_reason_is_one_short_text() {
        let mut headers = HeaderMap::new();
        assert_eq!(reason(&headers).unwrap(), None);
        headers.insert(REASON, HeaderValue::from_bytes("größer, CAPA-17".as_bytes()).unwrap());
        assert_eq!(reason(&headers).unwrap(), Reason::parse("größer, CAPA-17").ok());
        headers.append(REASON, HeaderValue::from_static("again"));
        assert_eq!(reason(&headers).unwrap_err().kind(), Kind::BadRequest);
        headers.insert(REASON, HeaderValue::from_static(" "));
        assert_eq!(reason(&headers).unwrap_err().kind(), Kind::BadRequest);
        headers.insert(REASON, HeaderValue::from_bytes(b"\xff").unwrap());
        assert_eq!(reason(&headers).unwrap_err().kind(), Kind::BadRequest);
    }
}
