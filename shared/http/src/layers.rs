//! What surrounds every router: bounds, CORS, the request id, and an answer even when a handler panics.

use crate::deprecation::{DEPRECATION, SUNSET};
use crate::replay::REPLAYED;
use crate::{Kind, MAX_BODY_BYTES, Problem};
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use lambda_http::request::RequestContext;
use std::any::Any;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub(crate) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub(crate) const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// How long a browser may remember a preflight: two hours is the most that Chromium honours.
const PREFLIGHT_AGE: Duration = Duration::from_secs(2 * 60 * 60);

/// Surrounds a router. `allowed_origins` is `*` or a list of origins with commas between.
pub fn wrap(router: Router, allowed_origins: &str) -> Router {
    router
        .fallback(|| async {
            Problem::new(
                Kind::NotFound,
                "Nothing is at this path; /v1/openapi.json lists what there is.",
            )
        })
        .method_not_allowed_fallback(|| async {
            Problem::new(
                Kind::MethodNotAllowed,
                "This path takes other methods; /v1/openapi.json lists them.",
            )
        })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(cors(allowed_origins))
        .layer(from_fn(identify))
}

fn cors(allowed_origins: &str) -> CorsLayer {
    let origins = match allowed_origins.trim() {
        "*" => AllowOrigin::any(),
        list => AllowOrigin::list(
            list.split(',')
                .filter_map(|origin| HeaderValue::from_str(origin.trim()).ok()),
        ),
    };
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("x-api-key"),
            HeaderName::from_static("x-reason"),
        ])
        .expose_headers([
            DEPRECATION,
            header::ETAG,
            header::LINK,
            header::LOCATION,
            RATE_LIMIT,
            RATE_LIMIT_POLICY,
            header::RETRY_AFTER,
            REQUEST_ID,
            REPLAYED,
            SUNSET,
        ])
        .max_age(PREFLIGHT_AGE)
}

/// Puts API Gateway's request id on the answer, and beside everything that is logged about the request.
async fn identify(request: Request, next: Next) -> Response {
    let id = match request.extensions().get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV1(context)) => context.request_id.clone(),
        _ => None,
    }
    .unwrap_or_default();
    // The route, not the path: a path can hold a token.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("none", MatchedPath::as_str)
        .to_owned();
    let method = request.method().clone();
    let span = tracing::info_span!("request", request_id = id, %method, route);
    let mut response = tracing::Instrument::instrument(next.run(request), span).await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands the panic over")]
pub(crate) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or(panic.downcast_ref::<&str>().copied());
    Problem::internal(format!("panic: {}", text.unwrap_or("of an unknown kind"))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use axum::routing::{get, post};
    use tower::ServiceExt;

    async fn call(request: Request) -> (u16, String) {
        let router = Router::new()
            .route(
                "/panics",
                get(|| async {
                    if true {
                        panic!("secret")
                    }
                }),
            )
            .route(
                "/takes",
                post(|crate::Json(body): crate::Json<Vec<u8>>| async move { crate::Json(body) }),
            );
        let response = wrap(router, "https://app.example").oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    fn post_json(body: impl Into<Body>) -> Request {
        Request::post("/takes")
            .header("content-type", "application/json")
            .body(body.into())
            .unwrap()
    }

    #[tokio::test]
    async fn every_failure_is_a_problem() {
        let panicking = Request::get("/panics").body(Body::empty()).unwrap();
        let (status, body) = call(panicking).await;
        assert_eq!(status, 500);
        assert!(!body.contains("secret"), "{body}");

        assert_eq!(call(Request::get("/nowhere").body(Body::empty()).unwrap()).await.0, 404);
        assert_eq!(call(Request::get("/takes").body(Body::empty()).unwrap()).await.0, 405);
        assert_eq!(
            call(Request::post("/takes").body(Body::from("[1]")).unwrap()).await.0,
            415
        );
        assert_eq!(call(post_json("[1")).await.0, 400);
        assert_eq!(call(post_json("[1] 2")).await.0, 400);
        assert_eq!(call(post_json(vec![b' '; MAX_BODY_BYTES + 1])).await.0, 413);
        let (status, body) = call(post_json("[1,300]")).await;
        assert_eq!(status, 422);
        assert!(body.contains(r#""pointer":"/1""#), "{body}");
        assert_eq!(call(post_json("[1]")).await, (200, "[1]".to_owned()));
    }

    #[tokio::test]
    async fn a_browser_on_an_allowed_origin_may_call_and_no_other() {
        for (origin, allowed) in [("https://app.example", true), ("https://evil.example", false)] {
            let preflight = Request::options("/takes")
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .body(Body::empty())
                .unwrap();
            let response = wrap(Router::new(), "https://app.example, https://b.example")
                .oneshot(preflight)
                .await
                .unwrap();
            assert_eq!(response.status(), 200);
            assert_eq!(
                response.headers().contains_key("access-control-allow-origin"),
                allowed,
                "{origin}"
            );
        }
    }
}
