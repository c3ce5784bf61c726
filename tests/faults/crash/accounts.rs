//! What is told of an account, and its end.

use crate::crash::ground;
use crate::crash::owners::owner;
use crate::crash::scenarios::Scenario;
use crate::world::World;
use domain::UserId;
use domain::account::AccountEvent;
use domain::mail::AddressHash;
use domain::organization::OrgStatus;
use domain::task::{Task, TaskKind};
use domain::text::Email;
use futures::FutureExt;
use serde_json::{Value, json};

/// What they start from.
pub const ALL: &[Scenario] = &[
    Scenario {
        kind: TaskKind::TellAccount,
        name: "a recovery code was used, and its owner is told",
        begin: |world| tell(world).boxed_local(),
        leaves: &["mail ", r#""status":"succeeded""#],
    },
    Scenario {
        kind: TaskKind::DeleteAccount,
        name: "an account is deleted, with a place, a key and an account in Cognito",
        begin: |world| delete(world).boxed_local(),
        leaves: &[
            "mail ",
            "api_key.revoked",
            "member.removed",
            "nobody in Cognito",
            r#""status":"succeeded""#,
        ],
    },
];

async fn tell(world: &World) {
    let user = owner(world).await;
    let (id, now) = (world.source.id(), world.source.now());
    let task = Task::queued(id, None, TaskKind::TellAccount, user.id.to_string(), now);
    let task = task.with_input(json!({ "event": AccountEvent::RecoveryCodeUsed }));
    world.directory().accept_task(&task).await.unwrap();
    world.wake(&task).await;
}

async fn delete(world: &World) {
    let (org, _) = ground::organization(world, OrgStatus::Active, TaskKind::CreateOrganization).await;
    ground::table(world, &org).await;
    ground::forget_tasks(world).await;
    let (user, other) = (org.created_by, owner(world).await.id);
    let place = format!("ORG#{}", org.id);
    row(
        world,
        &place,
        &format!("MEMBER#{other}"),
        &json!({ "org": org.id, "user": other, "role": "owner", "since": world.source.now() }),
    )
    .await;
    row(
        world,
        &format!("USER#{other}"),
        &place,
        &json!({ "org": org.id, "user": other, "role": "owner", "since": world.source.now() }),
    )
    .await;
    key(world, &place, user).await;
    let address = Email::parse(&world.email()).unwrap();
    world.directory().put_owner(&address, user).await.unwrap();
    let tries = format!("SIGNIN#{}", AddressHash::of(&address).as_str());
    // Of an organisation that they were taken out of before.
    let left: domain::OrgId = world.source.id();
    let (enrolled, twin) = (format!("ENROLLED#{left}"), format!("ENROLLED#{user}"));
    for (pk, sk) in [
        (tries, "META"),
        (format!("USER#{user}"), "UNLOCK"),
        (format!("USER#{user}"), "MFA"),
        (format!("USER#{user}"), &enrolled),
        (format!("ORG#{left}"), &twin),
    ] {
        row(world, &pk, sk, &json!({})).await;
    }
    world.account(user).await;

    let task = Task::queued(
        world.source.id(),
        None,
        TaskKind::DeleteAccount,
        user.to_string(),
        world.source.now(),
    );
    let owners = [(org.id, other)];
    world
        .directory()
        .ask_account_deletion(user, &task, &owners)
        .await
        .unwrap();
    world.wake(&task).await;
}

/// A key that somebody made.
async fn key(world: &World, place: &str, user: UserId) {
    let id: domain::KeyId = world.source.id();
    let key = json!({ "id": id, "name": "gateway", "scopes": ["org.read"], "created_by": user, "created_at": world.source.now() });
    row(world, place, &format!("KEY#{id}"), &key).await;
    row(world, &format!("KEY#{id}"), "META", &json!({ "scopes": ["org.read"] })).await;
}

async fn row(world: &World, pk: &str, sk: &str, members: &Value) {
    let mut item = members.clone();
    (item["pk"], item["sk"]) = (json!(pk), json!(sk));
    world.emulator.put(&world.table("directory"), &item).await;
}
