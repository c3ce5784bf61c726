//! POST /v1/orgs/{org}/domains/{domain}/verification: have an e-mail domain's record looked for.

use super::{EmailDomainView, existing};
use crate::App;
use aws_dynamodb::Change;
use axum::extract::State;
use domain::email_domain::DomainName;
use domain::journal::Event;
use domain::task::{Task, TaskKind};
use domain::{Grant, OrgId, Permission, ServiceError};
use http_api::{Accepted, Answered, Authenticated, IdempotencyKeyHeader, Once, Path, Problem, Refusals};
use serde_json::json;

/// Have the record looked for that proves that a domain is the organisation's. The task succeeds where it is found, and the domain is `verified` then. It
/// fails, and its `error` says why, where there is no such record or another, where no name server answers, and where another organisation has
/// the domain verified. Ask again, or retry the task, once that is mended.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/domains/{domain}/verification", operation_id = "verifyEmailDomain", tag = "organizations",
    params(("org" = OrgId, Path), ("domain" = DomainName, Path), IdempotencyKeyHeader),
    responses((status = 202, description = "Accepted; `Location` is the task that asks DNS", body = EmailDomainView), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, name)): Path<(OrgId, DomainName)>,
    once: Once,
) -> Result<Answered<Accepted<EmailDomainView>>, Problem> {
    let grant = caller.require(org, Permission::MemberManage)?;
    once.run(&app.directory, app.source.now(), ask(&app, &grant, &once, &name))
        .await
}

async fn ask(app: &App, grant: &Grant, once: &Once, name: &DomainName) -> Result<Accepted<EmailDomainView>, Problem> {
    let (table, now) = (app.tables.open(grant)?, app.source.now());
    let domain = existing(app, grant.org(), name).await?;
    let kind = TaskKind::VerifyDomain;
    let task =
        Task::queued(app.source.id(), grant.org(), kind, grant.actor(), now).with_input(json!({ "domain": name }));
    let change = Change::told(Event {
        action: "domain.verification_requested",
        resource: name.to_string(),
        before: None,
        after: Some(json!({ "task": task.id })),
    });
    let change = app.directory.with_task(change, &task)?;
    let answer = Accepted {
        location: task.path(),
        body: domain.into(),
    };
    let change = app.directory.remember(change, once.record(&answer, now)?)?;
    table.commit(change).await.map_err(ServiceError::from)?;
    app.tasks.wake(&task).await;
    Ok(answer)
}
