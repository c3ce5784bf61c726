//! Serves the deployed API at a stable address, as a custom domain would: `/v1/...` without API id and stage.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::{Router, http};
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use http_body_util::Full;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::aws::{self, Http};
use crate::failure::{Failure, OrFail, Result, with_causes};

/// API Gateway's own limit.
const MAX_BODY: usize = 10 * 1024 * 1024;
/// API Gateway gives up after 29 s; the emulator may be a little slower.
const ANSWER_WITHIN: Duration = Duration::from_secs(45);
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// A running proxy.
pub(crate) struct Proxy {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

/// Takes the port, so that a port in use is noticed before anything slow begins. 0 takes any free one.
pub(crate) async fn listen(port: u16) -> Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    listener.or_fail(
        format!("listening at 127.0.0.1:{port}"),
        "end what uses it or choose another port with --port",
    )
}

/// Serves the API of that id and stage.
pub(crate) fn serve(listener: TcpListener, endpoint: &str, api: &str, stage: &str) -> Result<Proxy> {
    let address = listener.local_addr().or_fail("serving the API", "run again")?;
    let target = Target {
        http: aws::http(),
        prefix: format!("{endpoint}/restapis/{api}/{stage}/_user_request_"),
    };
    let router = Router::new().fallback(forward).with_state(Arc::new(target));
    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(listener, router).with_graceful_shutdown(async {
        let _ = stopped.await;
    });
    let served = tokio::spawn(async { server.await.unwrap_or_default() });
    Ok(Proxy { address, stop, served })
}

impl Proxy {
    /// The address it serves, without a slash at its end.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes no more requests and lets those under way finish, for a bounded time.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        let abort = self.served.abort_handle();
        if tokio::time::timeout(STOP_WITHIN, self.served).await.is_err() {
            abort.abort();
        }
    }
}

struct Target {
    http: Http,
    prefix: String,
}

async fn forward(State(target): State<Arc<Target>>, request: Request) -> Response {
    match pass_on(&target, request).await {
        Ok(response) => response,
        Err((status, failure)) => problem(status, &failure),
    }
}

async fn pass_on(target: &Target, request: Request) -> Result<Response, (StatusCode, Failure)> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await.map_err(|error| {
        let failure = Failure::new(
            "reading the request",
            with_causes(&error),
            "send at most 10 MB, as API Gateway demands",
        );
        (StatusCode::PAYLOAD_TOO_LARGE, failure)
    })?;
    let unreachable = |why: String| {
        let failure = Failure::new("reaching the API", why, "see emulator.log in the state directory");
        (StatusCode::BAD_GATEWAY, failure)
    };
    // As text, not as a parsed URL: percent-encoding, dots and empty segments are the caller's business.
    let path = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let uri: Uri = format!("{}{path}", target.prefix)
        .parse()
        .map_err(|error: http::uri::InvalidUri| unreachable(error.to_string()))?;
    let mut onward = http::Request::new(Full::new(body));
    *onward.method_mut() = parts.method;
    *onward.uri_mut() = uri;
    *onward.headers_mut() = request_headers(parts.headers);
    match tokio::time::timeout(ANSWER_WITHIN, target.http.request(onward)).await {
        Ok(Ok(response)) => Ok(answer(response.map(Body::new))),
        Ok(Err(error)) => Err(unreachable(with_causes(&error))),
        Err(_) => Err(unreachable("it did not answer in time".to_owned())),
    }
}

/// What the caller sent, less what concerns only its connection, plus what API Gateway adds.
fn request_headers(mut headers: HeaderMap) -> HeaderMap {
    drop_connection_headers(&mut headers);
    headers.remove(CONTENT_LENGTH);
    if let Some(host) = headers.remove(HOST) {
        headers.insert("x-forwarded-host", host);
    }
    headers.insert("x-forwarded-for", HeaderValue::from_static("127.0.0.1"));
    headers.insert("x-forwarded-proto", HeaderValue::from_static("http"));
    headers
}

fn answer(mut response: Response) -> Response {
    drop_connection_headers(response.headers_mut());
    response
}

fn drop_connection_headers(headers: &mut HeaderMap) {
    for name in [CONNECTION, TRANSFER_ENCODING, UPGRADE] {
        headers.remove(name);
    }
    for name in ["keep-alive", "proxy-connection", "te", "trailer"] {
        headers.remove(name);
    }
}

fn problem(status: StatusCode, failure: &Failure) -> Response {
    let body = serde_json::json!({ "type": "about:blank", "status": status.as_u16(), "detail": failure.to_string() });
    (status, [(CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An API that answers with what it was asked.
    async fn echo(request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let asked = format!(
            "{} {} {:?}",
            parts.method,
            parts.uri,
            parts.headers.get("x-forwarded-host")
        );
        (StatusCode::IM_A_TEAPOT, [("x-asked", asked)], body).into_response()
    }

    #[tokio::test]
    async fn passes_requests_on_as_they_are() {
        let upstream = listen(0).await.unwrap();
        let endpoint = format!("http://{}", upstream.local_addr().unwrap());
        tokio::spawn(async { axum::serve(upstream, Router::new().fallback(echo)).await.unwrap() });
        let proxy = serve(listen(0).await.unwrap(), &endpoint, "api1", "live").unwrap();

        let path = "/v1/a%2Fb/../%E2%82%AC//?x=1&x=%20+&empty";
        let mut request = http::Request::new(Full::new(vec![0_u8, 255, 10].into()));
        *request.method_mut() = http::Method::OPTIONS;
        *request.uri_mut() = format!("{}{path}", proxy.base_url()).parse().unwrap();
        let answer = aws::http().request(request).await.unwrap();

        let host = proxy.base_url().replace("http://", "");
        let asked = format!("OPTIONS /restapis/api1/live/_user_request_{path} Some({host:?})");
        assert_eq!(
            (answer.status(), answer.headers()["x-asked"].to_str().unwrap()),
            (StatusCode::IM_A_TEAPOT, &*asked)
        );
        assert_eq!(
            to_bytes(Body::new(answer.into_body()), 99).await.unwrap(),
            [0, 255, 10].as_slice()
        );
        proxy.stop().await;
    }

    #[tokio::test]
    async fn refuses_what_api_gateway_would_not_take() {
        let proxy = serve(listen(0).await.unwrap(), "http://127.0.0.1:9", "api1", "live").unwrap();
        let ask = async |body: Vec<u8>| {
            let mut request = http::Request::new(Full::new(body.into()));
            *request.uri_mut() = proxy.base_url().parse().unwrap();
            *request.method_mut() = http::Method::POST;
            aws::http().request(request).await.unwrap().status()
        };
        assert_eq!(ask(vec![0; MAX_BODY + 1]).await, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(ask(Vec::new()).await, StatusCode::BAD_GATEWAY);
    }
}
