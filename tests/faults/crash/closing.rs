//! The end of an organisation: exported, its owner told, and deleted once its time has come.

use crate::crash::ground;
use crate::crash::scenarios::Scenario;
use crate::world::World;
use aws_s3::FileState;
use domain::organization::{Closing, OrgStatus, Organization};
use domain::task::{Task, TaskFile, TaskKind};
use futures::FutureExt;
use jiff::SignedDuration;
use serde_json::json;

/// What the end starts from.
pub const ALL: &[Scenario] = &[
    Scenario {
        kind: TaskKind::ExportOrganization,
        name: "a closing organisation is exported",
        begin: |world| export(world).boxed_local(),
        leaves: &[
            "object closing/",
            "organization.exported",
            r#""status":"closing""#,
            r#""stream":2"#,
        ],
    },
    Scenario {
        kind: TaskKind::ExportOrganization,
        name: "an export goes on where its last step left off",
        begin: |world| export_on(world).boxed_local(),
        leaves: &["object exports/", r#""journal_entry":1"#, r#""reading":7"#],
    },
    Scenario {
        kind: TaskKind::TellClosing,
        name: "the owner of a closing organisation is told",
        begin: |world| tell(world).boxed_local(),
        leaves: &["mail ", r#""status":"succeeded""#],
    },
    Scenario {
        kind: TaskKind::CloseOrganizations,
        name: "the time of a closing organisation has come",
        begin: |world| close(world).boxed_local(),
        leaves: &[
            r#""kind":"organization.delete""#,
            r#""status":"deleted""#,
            "object closing/",
        ],
    },
    Scenario {
        kind: TaskKind::CloseOrganizations,
        name: "the time of a closing organisation is near",
        begin: |world| near(world).boxed_local(),
        leaves: &[r#""kind":"notice.closing""#, r#""status":"closing""#, "mail "],
    },
];

/// An organisation that is to be deleted at a moment so long from now, and the task that has it in hand.
async fn closing(world: &World, kind: TaskKind, left: SignedDuration) -> (Organization, Task) {
    let asked = ground::Asked {
        kind,
        status: OrgStatus::Closing,
        generation: 1,
        schema: domain::organization::SCHEMA,
    };
    let deletes_at = world.source.now() + left;
    let input = json!({ "closing": true, "deletes_at": deletes_at, "soon": false });
    let (org, task) = ground::asked(world, asked, input).await;
    let org = Organization {
        closing: Some(Closing {
            deletes_at,
            asked_by: org.created_by.to_string(),
            export: None,
        }),
        ..org
    };
    world.directory().save_organization(&org, task.id).await.unwrap();
    (world.directory().organization(org.id).await.unwrap().unwrap(), task)
}

const MONTH: SignedDuration = SignedDuration::from_hours(24 * 30);

async fn export(world: &World) {
    let (org, task) = closing(world, TaskKind::ExportOrganization, MONTH).await;
    let table = ground::table(world, &org).await;
    let device = ground::device(world, &table).await;
    ground::traces(world, &table, &device).await;
    world.wake(&task).await;
}

/// All but the last entry of the journal is written, and lies beside the file.
async fn export_on(world: &World) {
    let (org, _) = ground::organization(world, OrgStatus::Active, TaskKind::CreateOrganization).await;
    let table = ground::table(world, &org).await;
    ground::device(world, &table).await;
    ground::forget_tasks(world).await;
    let task = ground::task(world, &org, TaskKind::ExportOrganization);
    let key = TaskFile::key_of(org.id, task.id, "ndjson.gz");
    let storage = world.storage();
    let mut file = storage.write_file(key, FileState::default()).await.unwrap();
    file.append(b"lines\n").await.unwrap();
    let state = json!({
        "generation": 1, "place": { "journal": 1 }, "counts": { "reading": 7 }, "file": file.pause().await.unwrap(),
    });
    let task = Task {
        state: Some(state),
        ..task
    };
    world.directory().accept_task(&task).await.unwrap();
    world.wake(&task).await;
}

async fn tell(world: &World) {
    let (_, task) = closing(world, TaskKind::TellClosing, MONTH).await;
    world.wake(&task).await;
}

async fn close(world: &World) {
    let (org, task) = closing(world, TaskKind::ExportOrganization, SignedDuration::ZERO).await;
    ground::stack(world, &org, 1).await;
    let key = TaskFile::closing_key_of(org.id, task.id, "ndjson.gz");
    let put = world.storage().put(&key, b"lines".to_vec(), "application/gzip").await;
    put.unwrap();
    let (bytes, sha256) = (5, "ab".to_owned());
    let file = TaskFile { key, bytes, sha256 };
    let closing = org.closing.clone().unwrap();
    let org = Organization {
        closing: Some(Closing {
            export: Some(file),
            ..closing
        }),
        ..org
    };
    world.directory().save_organization(&org, task.id).await.unwrap();
    round(world).await;
}

async fn near(world: &World) {
    let (org, _) = closing(world, TaskKind::ExportOrganization, SignedDuration::from_hours(48)).await;
    ground::table(world, &org).await;
    round(world).await;
}

/// The day's round, which finds nothing else under way.
async fn round(world: &World) {
    ground::forget_tasks(world).await;
    let now = world.source.now();
    let task = Task::scheduled(TaskKind::CloseOrganizations, now, now);
    world.directory().accept_task(&task).await.unwrap();
    world.wake(&task).await;
}
