//! Notices to the owner of an address: somebody with a confirmed one, at whom something is tried.

use crate::crash::scenarios::Scenario;
use crate::world::World;
use aws_dynamodb::EmailWish;
use domain::UserId;
use domain::account::{AccountStatus, Notices, User};
use domain::mail::AddressHash;
use domain::task::{Task, TaskKind};
use domain::text::{Email, Name};
use futures::FutureExt;
use serde_json::json;

/// What the notices start from.
pub const ALL: &[Scenario] = &[
    Scenario {
        kind: TaskKind::TellLockout,
        name: "wrong passwords were tried, and the owner gets a link that ends the wait",
        begin: |world| tell(world, TaskKind::TellLockout).boxed_local(),
        leaves: &["mail ", r#""sk":"UNLOCK""#, r#""status":"succeeded""#],
    },
    Scenario {
        kind: TaskKind::TellSignUp,
        name: "somebody signed up with an address that has an account",
        begin: |world| tell(world, TaskKind::TellSignUp).boxed_local(),
        leaves: &["mail ", r#""status":"succeeded""#],
    },
    Scenario {
        kind: TaskKind::TellEmailChange,
        name: "somebody wants another address, and both are mailed",
        begin: |world| wish(world).boxed_local(),
        leaves: &["mail ", r#""sk":"EMAILLINK""#, r#""status":"succeeded""#],
    },
];

/// Somebody with a confirmed address.
pub async fn owner(world: &World) -> User {
    let user = User {
        id: "usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse::<UserId>().unwrap(),
        email: Email::parse("ada@example.com").unwrap(),
        name: Name::parse("Ada").unwrap(),
        status: AccountStatus::Active,
        created_at: world.source.now(),
        notices: Notices::default(),
    };
    world.directory().put_new_user(&user).await.unwrap();
    world.directory().put_owner(&user.email, user.id).await.unwrap();
    user
}

async fn tell(world: &World, kind: TaskKind) {
    let address = AddressHash::of(&owner(world).await.email);
    let task = Task::queued(world.source.id(), None, kind, "system", world.source.now());
    let task = task.with_input(json!({ "address": address.as_str() }));
    world.directory().accept_task(&task).await.unwrap();
    world.wake(&task).await;
}

async fn wish(world: &World) {
    let user = owner(world).await;
    let now = world.source.now();
    let wish = EmailWish::new(Email::parse("ada@new.example.com").unwrap(), now);
    let task = Task::queued(
        world.source.id(),
        None,
        TaskKind::TellEmailChange,
        user.id.to_string(),
        now,
    );
    world.directory().wish_email(user.id, &wish, &task).await.unwrap();
    world.wake(&task).await;
}
