//! What the scenarios stand on: people, organisations, devices, written as the functions write them.

use crate::world::World;
use aws_cloudformation::{NewStack, StackStatus, Stacks};
use aws_dynamodb::{Change, EventBody, EventRow, Member, OrgTable, PackedData, Stream, StreamBlocks};
use axum::body::Body;
use axum::http::Request;
use blocks::StoredBlock;
use domain::access::decision::Act;
use domain::access::{Membership, Rights};
use domain::account::{AccountStatus, Notices, User};
use domain::credential::Token;
use domain::fleet::{Device, Project, SilentAfter};
use domain::id::Id;
use domain::journal::Event;
use domain::maintenance::Maintenance;
use domain::organization::{OrgStatus, Organization, SCHEMA};
use domain::reading::VariableName;
use domain::task::{Task, TaskKind};
use domain::text::{Email, Name};
use domain::{Caller, EventId, Grant, OrgId, Principal, Role, Scopes};
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use std::time::Duration;

const TEMPLATE: &str = include_str!("../../../infra/stacks/organization.yaml");

/// What an organisation is laid out for.
#[derive(Clone, Copy)]
pub struct Asked {
    /// The kind of the task that has it in hand.
    pub kind: TaskKind,
    /// Its state.
    pub status: OrgStatus,
    /// Its present generation.
    pub generation: u32,
    /// Its schema version.
    pub schema: u32,
}

/// An organisation with its owner, and the task that has it in hand.
pub async fn organization(world: &World, status: OrgStatus, kind: TaskKind) -> (Organization, Task) {
    let asked = Asked {
        kind,
        status,
        generation: 1,
        schema: SCHEMA,
    };
    self::asked(world, asked, Value::Null).await
}

/// The same, laid out for something in particular, which the task's input names.
pub async fn asked(world: &World, asked: Asked, input: Value) -> (Organization, Task) {
    let (id, owner, now) = (world.source.id(), world.source.id(), world.source.now());
    let user = User {
        id: owner,
        email: Email::parse(&world.email()).unwrap(),
        name: Name::parse("Ada").unwrap(),
        status: AccountStatus::Active,
        created_at: now,
        notices: Notices::default(),
    };
    world.directory().put_new_user(&user).await.unwrap();
    let task = Task::queued(world.source.id(), id, asked.kind, owner.to_string(), now).with_input(input);
    let has_table = asked.status != OrgStatus::Provisioning;
    let org = Organization {
        id,
        name: Name::parse("Acme").unwrap(),
        status: asked.status,
        generation: asked.generation,
        last_generation: asked.generation,
        table: has_table.then(|| table_name(world, id, asked.generation)),
        schema: asked.schema,
        task: task.id,
        step: 0,
        closing: None,
        created_by: owner,
        created_at: now,
        machine_key: None,
        maintenance: Maintenance::default(),
    };
    let member = Member::new(id, owner, Role::Owner, now);
    let change = world.directory().with_new_organization(&org, &member, &task).unwrap();
    world.directory().commit(None, change).await.unwrap();
    (org, task)
}

/// What the worker calls a generation of an organisation's table, and its stack.
fn table_name(world: &World, org: OrgId, generation: u32) -> String {
    let ulid = org.ulid().to_string().to_lowercase();
    format!("{}{ulid}-{generation}", world.table_prefix())
}

/// A task that the organisation's owner asks for.
pub fn task(world: &World, org: &Organization, kind: TaskKind) -> Task {
    Task::queued(
        world.source.id(),
        org.id,
        kind,
        org.created_by.to_string(),
        world.source.now(),
    )
}

/// Takes away the ground's own tasks, which are not part of the story.
pub async fn forget_tasks(world: &World) {
    for note in world.rows("outbox").await {
        let [org, task] = ["org", "sk"].map(|name| note[name].as_str().unwrap());
        let (pk, sk) = (format!("ORG#{org}"), format!("TASK#{task}"));
        world.emulator.delete_row(&world.table("directory"), &pk, &sk).await;
        let pk = note["pk"].as_str().unwrap();
        world.emulator.delete_row(&world.table("outbox"), pk, task).await;
    }
}

/// The organisation's table, without its stack: most stories do not need that.
pub async fn table(world: &World, org: &Organization) -> OrgTable {
    world.emulator.create_table(org.table.as_ref().unwrap()).await;
    open(world, org, org.status)
}

/// The organisation's table, as it opens when the organisation is in that state.
pub fn open(world: &World, org: &Organization, status: OrgStatus) -> OrgTable {
    let grant = Grant::for_task(org.id, org.created_by.to_string(), status, org.table.clone());
    world.tables().open(&grant).unwrap()
}

/// The stack of one of the organisation's generations, with its table.
pub async fn stack(world: &World, org: &Organization, generation: u32) {
    let (name, id, schema) = (
        table_name(world, org.id, generation),
        org.id.to_string(),
        org.schema.to_string(),
    );
    let name = name.as_str();
    let stack = NewStack {
        name,
        template: TEMPLATE,
        parameters: &[
            ("TableName", name),
            ("Stage", "faults"),
            ("Organization", &id),
            ("SchemaVersion", &schema),
        ],
        tags: &[],
        role: None,
        token: "the-ground",
    };
    let stacks = Stacks::new(&world.aws);
    stacks.create(stack).await.unwrap();
    while stacks.status(name).await.unwrap() != Some(StackStatus::Complete) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A project.
pub async fn project(world: &World, table: &OrgTable) -> Project {
    let (project, now) = (world.source.id(), world.source.now());
    let project = Project {
        id: project,
        name: Name::parse("Line 4").unwrap(),
        token_hash: Token::project(table.org(), project, &world.source).hash(),
        former_token: None,
        self_registration: false,
        devices: 0,
        filters: 0,
        version: 1,
        created_at: now,
    };
    let change = Change::told(event("project.created"));
    table.create_project(change, &project).await.unwrap();
    project
}

/// A device in a project.
pub async fn device(world: &World, table: &OrgTable) -> Device {
    let (project, now) = (self::project(world, table).await, world.source.now());
    let device = Device {
        id: world.source.id(),
        project: project.id,
        name: Name::parse("Press").unwrap(),
        hardware_id: 12345,
        enabled: true,
        silent_after: SilentAfter::default(),
        version: 1,
        created_at: now,
    };
    let change = Change::told(event("device.created"));
    table.register_device(change, &device).await.unwrap();
    device
}

/// What was done to lay the ground, for the journal.
pub fn event(action: &'static str) -> Event {
    Event {
        action,
        resource: "the ground".to_owned(),
        before: None,
        after: None,
    }
}

/// Lays a block down, as the ingest worker does.
pub async fn block(table: &OrgTable, device: &Device, variable: &VariableName, block: StoredBlock) {
    let stream = Stream::new(variable.clone(), device.created_at, block.summary.span());
    table.note_stream(device.id, &stream).await.unwrap();
    let blocks = StreamBlocks {
        variable: variable.clone(),
        blocks: vec![block],
    };
    table.put_blocks(device.id, vec![blocks]).await.unwrap();
}

/// What a device leaves behind: streams, events and their bodies.
pub async fn traces(world: &World, table: &OrgTable, device: &Device) {
    for variable in ["temperature", "pressure"] {
        let stream = Stream::new(VariableName::parse(variable).unwrap(), device.created_at, 1);
        table.note_stream(device.id, &stream).await.unwrap();
    }
    let key = domain::event::body_key(table.org(), device.id, EventId::first_at(1));
    let event = EventRow {
        id: EventId::first_at(1),
        variable: VariableName::from_stream(0x5001),
        local_id: Some(1),
        extra_data: None,
        data: Some(EventBody {
            bytes: 5,
            packed: PackedData::Object(key.clone()),
        }),
    };
    table.put_events(device.id, vec![event]).await.unwrap();
    let body = PackedData::pack("[0.5]").unwrap();
    world.storage().put_gzip(&key, body, "application/json").await.unwrap();
}

/// `DELETE /v1/orgs/{org}/projects/{project}/devices/{device}` by the organisation's owner, as it comes from API Gateway.
pub fn deletion(org: &Organization, device: &Device) -> Request<Body> {
    let path = format!("/v1/orgs/{}/projects/{}/devices/{}", org.id, device.project, device.id);
    let request = Request::delete(path).header("if-match", "\"1\"");
    let mut request = request.body(Body::empty()).unwrap();
    let caller = Caller {
        principal: Principal::User(org.created_by),
        session: None,
        staff: false,
        maintenance: Maintenance::default(),
        act: Act::Change,
        origin: domain::journal::Origin::default(),
        membership: Some(Membership {
            org: org.id,
            status: org.status,
            table: org.table.clone(),
            maintenance: Maintenance::default(),
            rights: Rights::Role {
                role: Role::Owner,
                extra: Scopes::default(),
            },
        }),
    };
    let context = json!({ "httpMethod": "DELETE", "identity": {}, "authorizer": caller.to_context() });
    let context = RequestContext::ApiGatewayV1(serde_json::from_value(context).unwrap());
    request.extensions_mut().insert(context);
    request
}
