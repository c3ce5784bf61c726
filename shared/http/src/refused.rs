//! Attempts to change what their maker may not, handed to the journal.

use crate::Authenticated;
use axum::Router;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use domain::journal::{RefusedAttempt, RefusedAttempts};

/// Has the journal tell of every request that would change something and is answered 403. Such an answer waits for the entry; one whose entry
/// cannot be written is given all the same, and the failure logged.
pub fn tell_refused<J>(router: Router, journal: J) -> Router
where
    J: RefusedAttempts + Clone + Send + Sync + 'static,
{
    router.route_layer(from_fn_with_state(journal, tell::<J>))
}

async fn tell<J: RefusedAttempts>(State(journal): State<J>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let caller = Authenticated::from_request_parts(&mut parts, &()).await.ok();
    let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let attempt = RefusedAttempt::new(parts.method.as_str(), route, parts.uri.path());
    let response = next.run(Request::from_parts(parts, body)).await;
    if let (StatusCode::FORBIDDEN, Some(Authenticated(caller))) = (response.status(), caller)
        && let Err(error) = journal.tell(&caller, attempt).await
    {
        tracing::error!(%error, "a refused attempt is not in the journal");
    }
    response
}
