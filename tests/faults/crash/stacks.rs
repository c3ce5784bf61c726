//! What becomes of organisations' stacks after their creation: upgraded, restored into another generation, cleared away.

use crate::crash::ground::{self, Asked};
use crate::crash::scenarios::Scenario;
use crate::world::World;
use domain::organization::OrgStatus;
use domain::task::{Task, TaskKind};
use futures::FutureExt;
use serde_json::json;

/// What starts from a stack.
pub const ALL: &[Scenario] = &[
    Scenario {
        kind: TaskKind::UpgradeOrganization,
        name: "an organisation's stack is upgraded",
        begin: |world| upgrade(world).boxed_local(),
        leaves: &[r#""schema":2"#, r#""status":"succeeded""#],
    },
    Scenario {
        kind: TaskKind::UpgradeOrganizations,
        name: "every organisation's stack is upgraded",
        begin: |world| upgrade_all(world).boxed_local(),
        leaves: &[r#""upgraded":1"#, r#""kind":"organization.upgrade""#, r#""schema":2"#],
    },
    Scenario {
        kind: TaskKind::RestoreOrganization,
        name: "an organisation is restored",
        begin: |world| restore(world).boxed_local(),
        leaves: &[
            "organization.restored",
            r#""status":"active""#,
            "organization.clear_generation",
        ],
    },
    Scenario {
        kind: TaskKind::ClearGeneration,
        name: "the generation before a restore is cleared away",
        begin: |world| clear(world).boxed_local(),
        leaves: &[r#""status":"succeeded""#, "stack Some(Complete)"],
    },
];

/// What is of an older schema.
const BEHIND: Asked = Asked {
    kind: TaskKind::UpgradeOrganization,
    status: OrgStatus::Active,
    generation: 1,
    schema: 1,
};

async fn upgrade(world: &World) {
    let (org, task) = ground::asked(world, BEHIND, json!(null)).await;
    ground::stack(world, &org, 1).await;
    world.wake(&task).await;
}

async fn upgrade_all(world: &World) {
    let (org, _) = ground::asked(world, BEHIND, json!(null)).await;
    ground::stack(world, &org, 1).await;
    ground::forget_tasks(world).await;
    let kind = TaskKind::UpgradeOrganizations;
    let task = Task::queued(
        world.source.id(),
        None,
        kind,
        org.created_by.to_string(),
        world.source.now(),
    );
    world.directory().accept_task(&task).await.unwrap();
    world.wake(&task).await;
}

async fn restore(world: &World) {
    let asked = Asked {
        kind: TaskKind::RestoreOrganization,
        status: OrgStatus::Restoring,
        schema: 2,
        ..BEHIND
    };
    let (org, task) = ground::asked(world, asked, json!({ "at": world.source.now() })).await;
    ground::stack(world, &org, 1).await;
    let table = ground::open(world, &org, OrgStatus::Active);
    let device = ground::device(world, &table).await;
    ground::traces(world, &table, &device).await;
    world.wake(&task).await;
}

async fn clear(world: &World) {
    let asked = Asked {
        kind: TaskKind::ClearGeneration,
        status: OrgStatus::Active,
        generation: 2,
        schema: 2,
    };
    let (org, task) = ground::asked(world, asked, json!({ "generation": 1 })).await;
    ground::stack(world, &org, 1).await;
    ground::stack(world, &org, 2).await;
    world.wake(&task).await;
}
