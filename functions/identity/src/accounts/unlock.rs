//! POST /v1/accounts/unlock: end the wait after wrong passwords.

use crate::App;
use axum::extract::State;
use domain::UserId;
use domain::credential::{Token, TokenKind};
use domain::mail::AddressHash;
use http_api::{Json, NoContent, Problem, Refusals};
use serde::Deserialize;

/// The token that was mailed.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Unlock {
    token: String,
}

/// End the wait after wrong passwords, with the token that was mailed to the address they were tried at. It is good once, for a day.
#[utoipa::path(
    post, path = "/v1/accounts/unlock", operation_id = "unlockAccount", tag = "identity", request_body = Unlock,
    responses((status = 204, description = "Sign-in is open again"), Refusals),
    security(()),
)]
pub async fn handler(State(app): State<App>, Json(body): Json<Unlock>) -> Result<NoContent, Problem> {
    let token = Token::parse(TokenKind::Unlock, &body.token).map_err(|_| no_good())?;
    let owner: UserId = token.id(0);
    let user = app.directory.user(owner).await?.ok_or_else(no_good)?;
    let (hash, address) = (token.hash(), AddressHash::of(&user.email));
    match app
        .directory
        .use_unlock_link(owner, &hash, &address, app.source.now())
        .await?
    {
        true => Ok(NoContent),
        false => Err(no_good()),
    }
}

fn no_good() -> Problem {
    Problem::field("/token", "is not, or no longer, good: it counts once, for a day")
}
