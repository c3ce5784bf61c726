//! What a request shows: one credential, and the organisation of its path.

use crate::refusal::Reason;
use aws_lambda_events::event::apigw::ApiGatewayCustomAuthorizerRequestTypeRequest as Event;
use domain::OrgId;
use std::net::IpAddr;

/// What comes before the organisation in a path.
const ORG_PATH: &str = "/v1/orgs/";

/// The path whose organisation is in the query.
const PERMISSIONS_PATH: &str = "/v1/me/permissions";

/// The one credential of a request, as it was sent.
pub(crate) enum Credential<'a> {
    /// `Authorization: Bearer ...`
    Bearer(&'a str),
    /// `x-api-key: ...`
    ApiKey(&'a str),
}

/// The one credential of a request. Two are refused rather than ranked: somebody put one of them there by mistake, or with a purpose.
pub(crate) fn credential(event: &Event) -> Result<Credential<'_>, Reason> {
    match (header(event, "authorization")?, header(event, "x-api-key")?) {
        (None, None) => Err(Reason::NoCredentials),
        (Some(_), Some(_)) => Err(Reason::TwoCredentials),
        (None, Some(key)) => Ok(Credential::ApiKey(key)),
        (Some(value), None) => match value.split_once(' ') {
            // The scheme's case does not matter (RFC 9110 section 11.1).
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Credential::Bearer(token)),
            _ => Err(Reason::Scheme),
        },
    }
}

/// The one value of a header. `headers` holds only the last of several, so it is asked only where there is no list.
fn header<'a>(event: &'a Event, name: &str) -> Result<Option<&'a str>, Reason> {
    let mut values = event.multi_value_headers.get_all(name).iter();
    let value = match (values.next(), values.next()) {
        (_, Some(_)) => return Err(Reason::TwoCredentials),
        (Some(value), None) => Some(value),
        (None, None) => event.headers.get(name),
    };
    value
        .map(|value| value.to_str().map_err(|_| Reason::HeaderText))
        .transpose()
}

/// The address that API Gateway saw the request come from. `X-Forwarded-For` is anybody's to write, and not looked at.
pub(crate) fn address(event: &Event) -> Option<IpAddr> {
    let identity = event.request_context.identity.as_ref()?;
    identity.source_ip.as_deref()?.parse().ok()
}

/// The organisation of the path; none where the path has none, or one that cannot exist. One path, that of the question what one may do in an
/// organisation, has it in the query, once.
pub(crate) fn org(event: &Event) -> Option<OrgId> {
    if event.resource.as_deref() == Some(PERMISSIONS_PATH) {
        return in_query(event)?.parse().ok();
    }
    let named = event.path_parameters.get("org").map(String::as_str);
    let in_path = || event.path.as_deref()?.strip_prefix(ORG_PATH)?.split('/').next();
    named.or_else(in_path)?.parse().ok()
}

/// The one value of the query's `org`; none where there are several. The function behind asks for the same.
fn in_query(event: &Event) -> Option<&str> {
    let values = event.multi_value_query_string_parameters.all("org").unwrap_or_default();
    match values.as_slice() {
        [] => event.query_string_parameters.first("org"),
        [one] => Some(*one),
        _ => None,
    }
}
