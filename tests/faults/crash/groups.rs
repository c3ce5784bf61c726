//! Memberships that follow from the groups of an identity provider.

use crate::crash::scenarios::Scenario;
use crate::crash::{domains, ground};
use crate::world::World;
use aws_dynamodb::{Change, Federated, Member};
use domain::email_domain::DomainStatus;
use domain::federation::{Group, GroupMapping, Groups, ProviderName};
use domain::journal::Event;
use domain::organization::{OrgStatus, Organization};
use domain::task::{Task, TaskKind};
use domain::{Role, UserId};
use futures::FutureExt;
use serde_json::json;

/// What they start from.
pub const ALL: &[Scenario] = &[
    Scenario {
        kind: TaskKind::SyncGroups,
        name: "groups bring somebody into one organisation, change their role in another, take them out of a third",
        begin: |world| sync(world).boxed_local(),
        leaves: &[
            "member.joined",
            "member.changed",
            "member.removed",
            r#""role":"operator""#,
            r#""role":"manager""#,
            r#""status":"succeeded""#,
        ],
    },
    Scenario {
        kind: TaskKind::SyncGroups,
        name: "a group brings somebody into one organisation, the domain of their address into another",
        begin: |world| sync_beside_a_domain(world).boxed_local(),
        leaves: &[
            r#""identity_provider":"Okta","role":"manager""#,
            r#""domain":"WORLD.example","role":"operator""#,
            r#""sk":"ENROLLED#"#,
            r#""status":"succeeded""#,
        ],
    },
];

const PERSON: &str = "usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC";

fn provider() -> ProviderName {
    ProviderName::parse("Okta").unwrap()
}

async fn sync(world: &World) {
    let user: UserId = PERSON.parse().unwrap();
    for (mapped, was) in [
        (Some(("press", Role::Operator)), None),
        (Some(("leads", Role::Manager)), Some(Role::Viewer)),
        (None, Some(Role::Viewer)),
    ] {
        let (org, _) = ground::organization(world, OrgStatus::Active, TaskKind::CreateOrganization).await;
        let table = ground::table(world, &org).await;
        if let Some((group, role)) = mapped {
            let mapping = mapping(world, &org, group, role);
            let change = Change::told(event("group_mapping.created"));
            world
                .directory()
                .create_group_mapping(&table, change, &mapping)
                .await
                .unwrap();
        }
        if let Some(role) = was {
            let member = Member {
                by_group_of: Some(provider()),
                ..Member::new(org.id, user, role, world.source.now())
            };
            let change = Change::told(event("the ground's own"));
            world.directory().join_by_group(&table, change, &member).await.unwrap();
        }
    }
    ground::forget_tasks(world).await;
    signed_in(world, user).await;
}

async fn sync_beside_a_domain(world: &World) {
    let (org, _) = ground::organization(world, OrgStatus::Active, TaskKind::CreateOrganization).await;
    let table = ground::table(world, &org).await;
    let mapping = mapping(world, &org, "leads", Role::Manager);
    let change = Change::told(event("group_mapping.created"));
    let directory = world.directory();
    directory.create_group_mapping(&table, change, &mapping).await.unwrap();
    domains::claimed(world, DomainStatus::Verified).await;
    let user = domains::person(world).await;
    signed_in(world, user).await;
}

async fn signed_in(world: &World, user: UserId) {
    let told = Federated {
        provider: provider(),
        username: "Okta_00u1".to_owned(),
        groups: Groups::parse("[press, leads]"),
        signed_in_at: world.source.now(),
    };
    let task = Task::queued(
        world.source.id(),
        None,
        TaskKind::SyncGroups,
        "system",
        world.source.now(),
    );
    let task = task.with_input(json!({ "user": user }));
    world.directory().record_sign_in(user, &told, &task).await.unwrap();
    world.wake(&task).await;
}

fn mapping(world: &World, org: &Organization, group: &str, role: Role) -> GroupMapping {
    GroupMapping {
        provider: provider(),
        group: Group::parse(group).unwrap(),
        role,
        created_by: org.created_by.to_string(),
        created_at: world.source.now(),
    }
}

fn event(action: &'static str) -> Event {
    Event {
        action,
        resource: "the ground".to_owned(),
        before: None,
        after: None,
    }
}
