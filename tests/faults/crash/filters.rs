//! Stream filters: readings that bring a transition about, and each kind of action that it asks for.

use crate::crash::scenarios::Scenario;
use crate::crash::{exports, ground};
use crate::world::World;
use aws_dynamodb::{Change, FilterOf, OrgTable};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use blocks::{Reading, Status};
use domain::filter::webhook::{PlainHosts, WebhookSecret, WebhookUrl};
use domain::filter::{Act, Action, Fired, NewFilter, Rules, Sealed, SetFilter, StateName};
use domain::fleet::Device;
use domain::organization::{OrgStatus, Organization};
use domain::packed::PackedReadings;
use domain::reading::VariableName;
use domain::seal::Purpose;
use domain::task::{FileFormat, SignedTaskId, TaskKind, UploadBody, UploadContent, UploadMessage};
use futures::FutureExt;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// What they start from.
pub const ALL: &[Scenario] = &[
    Scenario {
        kind: TaskKind::ActOnFilter,
        name: "readings cross a threshold and back, and a member is mailed",
        begin: |world| cross(world).boxed_local(),
        leaves: &[
            r#""pk":"BLOCK#"#,
            r#""state":"well""#,
            r#""count":2"#,
            r#""number":2"#,
            "mail ",
            r#""kind":"filter.act""#,
        ],
    },
    Scenario {
        kind: TaskKind::ActOnFilter,
        name: "a member is mailed",
        begin: |world| mail(world).boxed_local(),
        leaves: &["mail ", r#""status":"succeeded""#],
    },
    Scenario {
        kind: TaskKind::ActOnFilter,
        name: "a webhook is posted",
        begin: |world| post(world).boxed_local(),
        leaves: &["hook tsk_", r#""status":"succeeded""#],
    },
    Scenario {
        kind: TaskKind::ActOnFilter,
        name: "a topic is published to",
        begin: |world| publish(world).boxed_local(),
        leaves: &[r#"staff "temperature: well -> hot""#, r#""status":"succeeded""#],
    },
    Scenario {
        kind: TaskKind::ActOnFilter,
        name: "a stream is derived",
        begin: |world| derive(world).boxed_local(),
        leaves: &[r#"#alarm""#, r#""status":"succeeded""#],
    },
    Scenario {
        kind: TaskKind::ActOnFilter,
        name: "readings are written to a file, and a member is mailed",
        begin: |world| report(world).boxed_local(),
        leaves: &["object exports/", "readings.exported", "mail ", r#""action":"report""#],
    },
];

/// An organisation with one device, which was heard of.
pub async fn plant(world: &World) -> (Organization, OrgTable, Device) {
    let (org, _) = ground::organization(world, OrgStatus::Active, TaskKind::CreateOrganization).await;
    let table = ground::table(world, &org).await;
    let device = ground::device(world, &table).await;
    // A sign of life that is lost is no part of the story: the next upload's is noted.
    let later = world.source.now() + SignedDuration::from_hours(24);
    table.device_seen(device.id, later).await.unwrap();
    ground::forget_tasks(world).await;
    (org, table, device)
}

fn temperature() -> VariableName {
    VariableName::parse("temperature").unwrap()
}

fn state(name: &str) -> StateName {
    StateName::try_from(name.to_owned()).unwrap()
}

/// Three readings that make it hot for a while.
async fn cross(world: &World) {
    let (org, table, device) = plant(world).await;
    set(world, &org, (&table, &device)).await;
    let message = serde_json::to_string(&upload(world, &org, &device, &[20.0, 85.0, 60.0])).unwrap();
    world.emulator.send(&world.table("readings"), &message).await;
}

/// Gives the stream a filter that mails the organisation's owner when it gets hot.
pub async fn set(world: &World, org: &Organization, (table, device): (&OrgTable, &Device)) {
    let (variable, plain_hosts) = (temperature(), PlainHosts::default());
    let written: NewFilter = serde_json::from_value(json!({
        "initial": "well",
        "states": [{ "name": "well" }, { "name": "hot", "on_entry": [{ "type": "email", "members": [org.created_by] }] }],
        "transitions": [
            { "from": "well", "to": "hot", "when": [{ "operator": ">", "value": 80 }] },
            { "from": "hot", "to": "well", "when": [{ "operator": "<=", "value": 70 }] },
        ],
    }))
    .unwrap();
    let rules = Rules {
        variable: &variable,
        plain_hosts: &plain_hosts,
        seal: &|_| None,
    };
    let set = SetFilter {
        id: world.source.id(),
        filter: written.parse(&rules).unwrap(),
        secret: None,
        version: 1,
        set_by: org.created_by.to_string(),
        set_at: world.source.now(),
    };
    let change = Change::told(ground::event("filter.set"));
    let place = (FilterOf::Device(device.id), &variable);
    table.set_filter(change, place, &set).await.unwrap();
}

/// An upload of readings of these values, a nanosecond apart from now on.
pub fn upload(world: &World, org: &Organization, device: &Device, values: &[f64]) -> UploadMessage {
    let begun = i64::try_from(world.source.now().as_nanosecond()).unwrap();
    let readings = values.iter().zip(begun..).map(|(value, time)| Reading {
        time,
        value: *value,
        status: Status::Clean,
        id: None,
    });
    let sent = [(temperature(), readings.collect())].into();
    let packed = PackedReadings::pack(sent).unwrap().to_bytes().unwrap();
    UploadMessage {
        task: SignedTaskId::unsigned(world.source.ulid()),
        org: org.id,
        device: device.id,
        count: values.len() as u64,
        content: UploadContent::Readings,
        body: UploadBody::Inline(STANDARD.encode(packed)),
        derived: 0,
    }
}

/// One action of a transition that was made.
async fn act(world: &World, (org, device): (&Organization, &Device), action: Action, secret: Option<Sealed>) {
    let act = Act {
        device: device.id,
        variable: temperature(),
        fired: Fired {
            number: 1,
            from: state("well"),
            to: state("hot"),
            time: i64::try_from(world.source.now().as_nanosecond()).unwrap(),
            value: 85.0,
            actions: 1,
            left_out: 0,
            at: world.source.now(),
        },
        place: 0,
        action,
        secret,
        depth: 0,
    };
    let input = json!({ "act": serde_json::to_string(&act).unwrap() });
    let task = ground::task(world, org, TaskKind::ActOnFilter).with_input(input);
    world.directory().accept_task(&task).await.unwrap();
    world.wake(&task).await;
}

async fn mail(world: &World) {
    let (org, _, device) = plant(world).await;
    let members = vec![org.created_by];
    act(world, (&org, &device), Action::Email { members }, None).await;
}

async fn post(world: &World) {
    let (org, _, device) = plant(world).await;
    let secret = json!({ "Name": world.table("filter-key"), "SecretString": "0123456789".repeat(4) });
    world.emulator.call("secretsmanager.CreateSecret", &secret).await;
    let receiver = world.receiver().await;
    let url = WebhookUrl::parse(&receiver, &PlainHosts::of("127.0.0.1")).unwrap();
    let clear = WebhookSecret::new(&world.source).reveal();
    let sealing = world.sealing();
    let sealer = sealing.sealer().await.unwrap();
    let sealed = sealer.seal(Purpose::Filter, &(org.id, clear), &world.source).unwrap();
    let action = Action::Webhook { url };
    act(world, (&org, &device), action, Some(Sealed::new(sealed))).await;
}

async fn publish(world: &World) {
    let (org, _, device) = plant(world).await;
    world.topic(&format!("filter-{}-alerts", org.id)).await;
    let action: Value = json!({ "type": "sns", "topic": "alerts" });
    act(world, (&org, &device), serde_json::from_value(action).unwrap(), None).await;
}

async fn report(world: &World) {
    let (org, table, device) = plant(world).await;
    exports::readings(&table, &device, &temperature()).await;
    let members = vec![org.created_by];
    let (hours, format) = (24, FileFormat::Csv);
    act(world, (&org, &device), Action::Report { hours, format, members }, None).await;
}

async fn derive(world: &World) {
    let (org, _, device) = plant(world).await;
    let variable = VariableName::parse("alarm").unwrap();
    let value = Some(1.0);
    act(world, (&org, &device), Action::Derive { variable, value }, None).await;
}
