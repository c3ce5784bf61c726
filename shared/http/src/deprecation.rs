//! Operations on their way out: the headers that say so, from the one table that the contract's `deprecated: true` comes from as well.
//!
//! To deprecate an operation: a row in [`DEPRECATED`], an entry under "Deprecated" in `infra/contract/CHANGELOG.md`, `cargo run -p contract`.

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

pub(crate) const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
pub(crate) const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// An operation that there will be no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deprecated {
    /// Its method, in capitals.
    pub method: &'static str,
    /// Its path as the contract has it, with parameters in braces.
    pub path: &'static str,
    /// Since when it is not to be used by anything new: seconds since the epoch.
    pub since: i64,
    /// From when on it may not answer any more; none while that is not settled. Never before `since`.
    pub sunset: Option<i64>,
    /// Where it says what to use instead: a path or an address.
    pub see: &'static str,
}

/// Every operation of the contract that is deprecated.
pub const DEPRECATED: &[Deprecated] = &[];

/// Has the answers of these operations, whatever they are, say that they are deprecated: `Deprecation` (RFC 9745), `Sunset` (RFC 8594), and
/// links of both relations to what to use instead.
pub fn announce_deprecations(router: Router, deprecated: &'static [Deprecated]) -> Router {
    router.layer(from_fn_with_state(deprecated, announce))
}

async fn announce(State(deprecated): State<&'static [Deprecated]>, request: Request, next: Next) -> Response {
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("", MatchedPath::as_str);
    let asked = |row: &&Deprecated| row.path == path && row.method == request.method().as_str();
    let row = deprecated.iter().find(asked);
    let mut response = next.run(request).await;
    if let Some(row) = row {
        row.write(response.headers_mut());
    }
    response
}

impl Deprecated {
    fn write(&self, headers: &mut HeaderMap) {
        // A date as a structured field (RFC 9651 section 3.3.7).
        let since = format!("@{}", self.since);
        let mut link = format!("<{}>; rel=\"deprecation\"", self.see);
        let mut put = |name: HeaderName, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.append(name, value);
            }
        };
        put(DEPRECATION, since);
        if let Some(sunset) = self.sunset.and_then(http_date) {
            put(SUNSET, sunset);
            link = format!("{link}, <{}>; rel=\"sunset\"", self.see);
        }
        put(header::LINK, link);
    }
}

/// An instant as RFC 9110 section 5.6.7 writes it.
fn http_date(seconds: i64) -> Option<String> {
    let at = Timestamp::from_second(seconds).ok()?;
    DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt;

    const TABLE: &[Deprecated] = &[
        Deprecated {
            method: "GET",
            path: "/v1/things/{thing}",
            since: 1_688_169_599,
            sunset: Some(1_720_000_000),
            see: "/v1/openapi.json",
        },
        Deprecated {
            method: "DELETE",
            path: "/v1/things/{thing}",
            since: 1_688_169_599,
            sunset: None,
            see: "/v1/openapi.json",
        },
    ];

    async fn headers(method: &str, path: &str) -> Vec<(String, String)> {
        let things = get(|| async {}).delete(|| async { crate::Problem::not_found("thing") });
        let router = Router::new()
            .route("/v1/things/{thing}", things.put(|| async {}))
            .route("/v1/other", get(|| async {}));
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let router = crate::wrap(announce_deprecations(router, TABLE), "*");
        let response = router.oneshot(request).await.unwrap();
        let told = [DEPRECATION, SUNSET, header::LINK].map(|name| {
            let value = response.headers().get(&name)?.to_str().unwrap().to_owned();
            Some((name.to_string(), value))
        });
        told.into_iter().flatten().collect()
    }

    #[tokio::test]
    async fn the_answers_of_a_deprecated_operation_say_since_when_until_when_and_what_instead() {
        let told = |pairs: &[(&str, &str)]| {
            let owned = pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            owned.collect::<Vec<_>>()
        };
        let both = "</v1/openapi.json>; rel=\"deprecation\", </v1/openapi.json>; rel=\"sunset\"";
        assert_eq!(
            headers("GET", "/v1/things/7").await,
            told(&[
                ("deprecation", "@1688169599"),
                ("sunset", "Wed, 03 Jul 2024 09:46:40 GMT"),
                ("link", both),
            ])
        );
        // Its refusals, too.
        assert_eq!(
            headers("DELETE", "/v1/things/7").await,
            told(&[
                ("deprecation", "@1688169599"),
                ("link", "</v1/openapi.json>; rel=\"deprecation\""),
            ])
        );
        for (method, path) in [("PUT", "/v1/things/7"), ("GET", "/v1/other")] {
            assert_eq!(headers(method, path).await, [], "{method} {path}");
        }
    }
}
