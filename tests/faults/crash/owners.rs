//! Notices to the owner of an address: somebody with a confirmed one, at whom something is tried.

use crate::crash::ground;
use crate::crash::scenarios::Scenario;
use crate::world::World;
use aws_dynamodb::{Change, EmailWish, Invitation};
use domain::account::{AccountStatus, Notices, User};
use domain::credential::Token;
use domain::mail::AddressHash;
use domain::organization::OrgStatus;
use domain::task::{Task, TaskKind};
use domain::text::{Email, Name};
use domain::{Role, UserId};
use futures::FutureExt;
use jiff::SignedDuration;
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
        kind: TaskKind::TellInvitation,
        name: "somebody is invited, and gets a link",
        begin: |world| invite(world).boxed_local(),
        leaves: &["mail ", r#""sk":"INVITATION#"#, r#""status":"succeeded""#],
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

async fn invite(world: &World) {
    let (org, _) = ground::organization(world, OrgStatus::Active, TaskKind::CreateOrganization).await;
    ground::forget_tasks(world).await;
    let (id, now) = (world.source.id(), world.source.now());
    let expires = now + SignedDuration::from_hours(24 * 7);
    let invitation = Invitation {
        id,
        email: Email::parse("bea@example.com").unwrap(),
        role: Role::Viewer,
        hash: Token::invitation(org.id, id, &world.source).hash(),
        link: None,
        sent: 1,
        created_by: org.created_by.to_string(),
        created_at: now,
        expires,
        expires_at: expires.as_second(),
    };
    let task = ground::task(world, &org, TaskKind::TellInvitation).with_input(json!({ "invitation": id }));
    let directory = world.directory();
    let change = directory
        .with_invitation(Change::silent(), org.id, &invitation)
        .unwrap();
    let change = directory.with_task(change, &task).unwrap();
    directory.commit(None, change).await.unwrap();
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
