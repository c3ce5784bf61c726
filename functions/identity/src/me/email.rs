//! POST /v1/me/email: want another address.

use super::no_account;
use crate::App;
use crate::accounts::Address;
use aws_dynamodb::EmailWish;
use axum::extract::State;
use domain::task::{Task, TaskKind};
use http_api::{Authenticated, Json, Kind, NoContent, Problem, Refusals};
use jiff::SignedDuration;

/// The time between two wishes, each of which mails two addresses.
const BETWEEN: SignedDuration = SignedDuration::from_mins(1);

/// Change your address. A token is mailed to the new one, which confirms it within a day; until then the old one stays, and is told. The answer
/// is the same whether the new address has an account or not.
#[utoipa::path(
    post, path = "/v1/me/email", operation_id = "changeEmail", tag = "identity", request_body = Address,
    responses((status = 204, description = "A token is on its way to the new address"), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Json(Address { email }): Json<Address>,
) -> Result<NoContent, Problem> {
    let person = caller.person()?;
    let now = app.source.now();
    if app.directory.federated(person).await?.is_some() {
        let detail = "Your address is the one that your identity provider tells: change it there, and sign in again.";
        return Err(Problem::new(Kind::Conflict, detail));
    }
    let user = app.directory.user(person).await?.ok_or_else(no_account)?;
    if user.email == email {
        return Err(Problem::field("/email", "is your address already"));
    }
    let before = app.directory.email_wish(person, now).await?;
    let soonest = before.map(|wish| wish.asked_at + BETWEEN).filter(|at| *at > now);
    if let Some(at) = soonest {
        let wait = (at - now).try_into().unwrap_or_default();
        return Err(Problem::too_many(
            "You have just asked for another address: wait a minute.",
            wait,
        ));
    }
    let task = Task::queued(
        app.source.id(),
        None,
        TaskKind::TellEmailChange,
        person.to_string(),
        now,
    );
    app.directory
        .wish_email(person, &EmailWish::new(email, now), &task)
        .await?;
    app.tasks.wake(&task).await;
    Ok(NoContent)
}
