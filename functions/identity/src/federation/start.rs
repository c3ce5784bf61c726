//! POST /v1/sessions/federated/start: begin to sign in through an identity provider.

use crate::App;
use axum::extract::State;
use domain::federation::{Attempt, Begun, ProviderName, ReturnUrl, SIGN_IN_WITHIN};
use http_api::{Created, Json, Problem, Refusals};
use serde::{Deserialize, Serialize};

/// Where to sign in, and where to come back to.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderSignIn {
    provider: ProviderName,
    redirect_uri: ReturnUrl,
}

/// A sign-in that has begun.
#[derive(Serialize, utoipa::ToSchema)]
pub struct StartedSignIn {
    /// Send the browser there. It comes back to `redirect_uri` with `code` and `state`, or with `error`.
    authorization_url: String,
    /// What must come back with the browser.
    state: String,
    /// A secret to finish with: keep it where the sign-in began (a tab's session storage, say), and never in an address.
    ticket: String,
    /// How long there is for it, in seconds.
    expires_in: i64,
}

/// Begin to sign in through an identity provider. `redirect_uri` must be one of the addresses that the deployment names.
#[utoipa::path(
    post, path = "/v1/sessions/federated/start", operation_id = "startFederatedSession", tag = "identity",
    request_body = ProviderSignIn,
    responses((status = 201, body = StartedSignIn), Refusals),
    security(()),
)]
pub async fn handler(
    State(app): State<App>,
    Json(body): Json<ProviderSignIn>,
) -> Result<Created<Json<StartedSignIn>>, Problem> {
    let federation = app.federation()?;
    let ProviderSignIn { provider, redirect_uri } = body;
    if !federation.providers.iter().any(|known| known.name == provider) {
        return Err(Problem::field(
            "/provider",
            "is not one that GET /v1/identity-providers lists",
        ));
    }
    if !federation.return_urls.contains(&redirect_uri) {
        return Err(Problem::field(
            "/redirect_uri",
            "is not one of the addresses that this deployment returns to",
        ));
    }
    let attempt = Attempt::new(&app.source);
    let authorization_url = federation
        .pool
        .authorization_url(&federation.pages, &provider, &redirect_uri, &attempt);
    let begun = Begun {
        provider,
        redirect_uri,
        expires_at: (app.source.now() + SIGN_IN_WITHIN).as_second(),
    };
    app.directory.begin_sign_in(&attempt.state(), &begun).await?;
    Ok(Created {
        location: None,
        body: Json(StartedSignIn {
            authorization_url,
            state: attempt.state(),
            ticket: attempt.ticket().to_owned(),
            expires_in: SIGN_IN_WITHIN.as_secs(),
        }),
    })
}
