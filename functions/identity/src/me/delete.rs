//! DELETE /v1/me: delete one's account.

use super::no_account;
use crate::App;
use crate::factors::Proof;
use crate::network::From;
use aws_dynamodb::Refused;
use axum::extract::State;
use domain::organization::{OrgStatus, Organization};
use domain::task::{Task, TaskKind};
use domain::{OrgId, Role, TaskId, UserId};
use http_api::{Authenticated, Json, Kind, Problem, Refusals, Taken};
use serde::Serialize;

/// How many organisations somebody may own who goes: each is a condition or two of one transaction (AWS "TransactWriteItems" takes 100).
const OWNED: usize = 45;

/// What deletes the account.
#[derive(Serialize, utoipa::ToSchema)]
pub struct AccountDeletion {
    /// The task. Nobody can look at it who is signed out; a mail tells when it is done.
    task: TaskId,
}

/// Delete your account, with your password and, if you have a second factor, a code. Every sign-in of yours ends at once. Your places in organisations and the API keys you made there go, and all that is known of you; journals keep their entries, which name you by an id that is nobody's then. A mail tells when it is done; the address can be signed up with again. The only owner of an organisation cannot go before there is another, or the organisation is deleted (409).
#[utoipa::path(
    delete, path = "/v1/me", operation_id = "deleteMe", tag = "identity", request_body = Proof,
    responses((status = 202, body = AccountDeletion), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    network: From,
    Json(proof): Json<Proof>,
) -> Result<Taken<AccountDeletion>, Problem> {
    let person = caller.person()?;
    let user = app.directory.user(person).await?.ok_or_else(no_account)?;
    // First: who cannot go has not used a code up for it.
    let owners = app.other_owners(person).await?;
    app.prove(&user, proof, network).await?;
    let (id, now) = (app.source.id(), app.source.now());
    let task = Task::queued(id, None, TaskKind::DeleteAccount, person.to_string(), now);
    match app.directory.ask_account_deletion(person, &task, &owners).await {
        Ok(()) => {}
        Err(Refused::Write(_)) => return Err(domain::ServiceError::Conflict.into()),
        Err(Refused::Service(error)) => return Err(error.into()),
    }
    app.tasks.wake(&task).await;
    Ok(Taken(AccountDeletion { task: task.id }))
}

impl App {
    /// The organisations that somebody owns, each with another owner; refused, naming them, where some have none.
    async fn other_owners(&self, person: UserId) -> Result<Vec<(OrgId, UserId)>, Problem> {
        let places = self.directory.organizations_of(person).await?.into_iter();
        let owned: Vec<_> = places
            .filter(|(org, role)| *role == Role::Owner && needs_owner(org))
            .collect();
        let (mut owners, mut orphans) = (Vec::new(), Vec::new());
        for (org, _) in &owned {
            match self.directory.other_owner(org.id, person).await? {
                Some(other) => owners.push((org.id, other)),
                None => orphans.push(format!("{} ({})", org.id, org.name.as_str())),
            }
        }
        if !orphans.is_empty() {
            let names = orphans.join(", ");
            let detail =
                format!("You are the only owner of {names}: make somebody else an owner, or delete it, first.");
            return Err(Problem::new(Kind::Conflict, detail));
        }
        if owners.len() > OWNED {
            let detail = format!("You own more than {OWNED} organisations: hand some over or leave them first.");
            return Err(Problem::new(Kind::Conflict, detail));
        }
        Ok(owners)
    }
}

/// One that is gone, or about to be, needs none any more.
fn needs_owner(org: &Organization) -> bool {
    !matches!(org.status, OrgStatus::Deleting | OrgStatus::Deleted)
}
