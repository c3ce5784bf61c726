//! POST /v1/orgs/{org}/machines: register a machine.

use super::{MachineView, settings};
use crate::App;
use crate::scopes::given;
use aws_dynamodb::{Change, OrgTable, Refused};
use axum::extract::State;
use domain::journal::Event;
use domain::machine::{AccountId, Machine, RoleName};
use domain::text::Name;
use domain::{Caller, OrgId, Permission};
use http_api::{
    Answered, Authenticated, Created, IdempotencyKeyHeader, Json, Kind, Once, OnceJson, Path, Problem, Refusals,
};
use serde::Deserialize;

/// A new machine.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMachine {
    name: Name,
    /// The AWS account of its role.
    account: AccountId,
    /// The role's name, without its path.
    role_name: RoleName,
    /// What its sessions may do; what API keys can be given.
    #[schema(min_items = 1, max_items = 6)]
    scopes: Vec<Permission>,
}

/// Register a machine: a program that signs `POST /v1/m2m/sessions` with that role gets a session with these scopes. The deployment must admit the
/// account.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/machines", operation_id = "createMachine", tag = "organizations",
    params(("org" = OrgId, Path), IdempotencyKeyHeader), request_body = NewMachine,
    responses((status = 201, body = MachineView), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path(org): Path<OrgId>,
    OnceJson(once, body): OnceJson<NewMachine>,
) -> Result<Answered<Created<Json<MachineView>>>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::MachineManage)?)?;
    let work = create(&app, &table, &caller, &once, body);
    once.run(&app.directory, app.source.now(), work).await
}

async fn create(
    app: &App,
    table: &OrgTable,
    caller: &Caller,
    once: &Once,
    body: NewMachine,
) -> Result<Created<Json<MachineView>>, Problem> {
    let now = app.source.now();
    let machine = Machine {
        id: app.source.id(),
        org: table.org(),
        name: body.name,
        account: body.account,
        role: body.role_name,
        scopes: given(caller, table.org(), body.scopes)?,
        created_by: caller.principal.to_string(),
        created_at: now,
    };
    let event = Event {
        action: "machine.created",
        resource: machine.id.to_string(),
        before: None,
        after: Some(settings(&machine)),
    };
    let answer = Created {
        location: None,
        body: Json(machine.clone().into()),
    };
    let change = app
        .directory
        .remember(Change::told(event), once.record(&answer, now)?)?;
    match app.directory.create_machine(table, change, &machine).await {
        Ok(()) => Ok(answer),
        Err(Refused::Write(_)) => {
            let detail = "This role is a machine of the organisation already: remove it first.";
            Err(Problem::new(Kind::Conflict, detail).and("/role_name", "is taken"))
        }
        Err(Refused::Service(error)) => Err(error.into()),
    }
}
