//! Over every operation of the contract: whoever has no business there is turned away with the right refusal, and nothing changes.
//!
//! The operations come from the contract. A new route says in [`gates::gate`] who may call it, or fails a test that says so; what its path stands
//! for, in `world::ids`. A new kind of credential is a [`Visitor`] more.

mod example;
mod gates;
mod world;

use gates::{Gate, holders};
use serde_json::json;
use tests::{Api, Organization, Person, machine_session};
use world::{Visitor, World};

/// Every scope that a key can be given.
const SCOPES: &[&str] = &[
    "org.read",
    "task.read",
    "fleet.read",
    "fleet.write",
    "telemetry.read",
    "telemetry.write",
];

/// Nobody that the authorizer knows.
fn unknown(_: Gate) -> Option<u16> {
    Some(401)
}

/// A person without a place in the organisation.
fn stranger(gate: Gate) -> Option<u16> {
    match gate {
        Gate::Holds(_) | Gate::HoldsBoth(..) | Gate::Place => Some(404),
        Gate::Staff | Gate::Device => Some(403),
        Gate::Person | Gate::Signed | Gate::Open => None,
    }
}

/// A program of another organisation.
fn strange_program(gate: Gate) -> Option<u16> {
    stranger(gate).or((gate == Gate::Person).then_some(403))
}

/// A device of another organisation.
fn strange_device(gate: Gate) -> Option<u16> {
    strange_program(gate).filter(|_| gate != Gate::Device)
}

/// Somebody of the staff: no organisation's data is theirs to see.
fn staff(gate: Gate) -> Option<u16> {
    stranger(gate).filter(|_| gate != Gate::Staff)
}

/// A device of the organisation: it reaches nothing but by its own routes.
fn device(gate: Gate) -> Option<u16> {
    match gate {
        Gate::Holds(_) | Gate::HoldsBoth(..) | Gate::Staff | Gate::Person => Some(403),
        Gate::Place | Gate::Device | Gate::Signed | Gate::Open => None,
    }
}

/// A key or machine of the organisation that holds only `$held` there.
macro_rules! lacking {
    ($held:literal) => {
        |gate| match gate {
            Gate::Holds($held) => None,
            Gate::Holds(_) | Gate::HoldsBoth(..) | Gate::Staff | Gate::Person | Gate::Device => Some(403),
            Gate::Place | Gate::Signed | Gate::Open => None,
        }
    };
}

/// A member of the organisation with this role.
macro_rules! member {
    ($role:literal) => {
        |gate| match gate {
            Gate::Holds(permission) => (!holders(permission).contains(&$role)).then_some(403),
            Gate::HoldsBoth(one, other) => {
                let holds = |permission| holders(permission).contains(&$role);
                (!holds(one) || !holds(other)).then_some(403)
            }
            Gate::Staff | Gate::Device => Some(403),
            Gate::Person | Gate::Place | Gate::Signed | Gate::Open => None,
        }
    };
}

fn visitor(name: &'static str, api: &Api, refused: fn(Gate) -> Option<u16>) -> Visitor {
    Visitor {
        name,
        api: api.clone(),
        refused,
    }
}

/// A session of the owner's that is over.
async fn signed_out(owner: &Person) -> Api {
    let session = owner.again().await.api;
    session.delete("/v1/sessions/current").await.expect(204);
    session
}

/// A key of the organisation that could do all that a key can, and was revoked.
async fn revoked_key(org: &Organization) -> Api {
    let (id, key) = org.key(SCOPES).await;
    org.owner
        .api
        .delete(&org.path(&format!("/api-keys/{id}")))
        .await
        .expect(204);
    key
}

/// A session of a device of the organisation that was ended.
async fn ended_device(org: &Organization) -> Api {
    let device = org.device(77).await;
    let session = device.session().await;
    let ended = device.api.delete(&format!("{}/sessions", device.path)).await;
    ended.expect(204);
    session
}

/// Somebody who was an admin of the organisation and is no member any more.
async fn former_admin(org: &Organization) -> Api {
    let person = org.member("admin").await;
    org.owner
        .api
        .delete(&org.path(&format!("/members/{}", person.id)))
        .await
        .expect(204);
    person.api
}

#[tokio::test]
async fn nobody_reaches_what_is_not_theirs_by_any_operation() {
    let world = World::new().await;
    let acme = &world.press.org;
    let rival = Organization::new("Rival").await;
    let nobody = Api::anonymous();
    let visitors = [
        visitor("nobody", &nobody, unknown),
        visitor("a broken token", &nobody.bearer("eyJhbGciOiJub25lIn0.e30."), unknown),
        visitor("a broken key", &nobody.key("mwk_nonsense"), unknown),
        visitor("the owner, signed out", &signed_out(&acme.owner).await, unknown),
        visitor("a revoked key", &revoked_key(acme).await, unknown),
        visitor("another organisation's owner", &rival.owner.api, stranger),
        visitor(
            "another organisation's key",
            &rival.key(SCOPES).await.1,
            strange_program,
        ),
        visitor(
            "another organisation's device",
            &rival.device(54321).await.session().await,
            strange_device,
        ),
        visitor(
            "another organisation's machine",
            &machine_session(&rival, SCOPES).await,
            strange_program,
        ),
        visitor("a device whose sessions were ended", &ended_device(acme).await, unknown),
        visitor("a former admin", &former_admin(acme).await, stranger),
        visitor(
            "somebody without an organisation",
            &Person::new("Loner").await.api,
            stranger,
        ),
        visitor("staff", &world.staff.api, staff),
    ];
    let before = world.state().await;
    assert!(before.len() >= 15 && world.operations.len() >= 75, "{before:?}");
    let wrong = world.visits(&visitors).await;
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    assert_eq!(world.state().await, before);
}

#[tokio::test]
async fn no_member_and_no_program_does_what_is_beyond_them() {
    let world = World::new().await;
    let acme = &world.press.org;
    let visitors = [
        visitor("an admin", &acme.member("admin").await.api, member!("admin")),
        visitor("a manager", &acme.member("manager").await.api, member!("manager")),
        visitor("an operator", &acme.member("operator").await.api, member!("operator")),
        visitor("a viewer", &acme.member("viewer").await.api, member!("viewer")),
        visitor(
            "a key that sees the organisation",
            &acme.key(&["org.read"]).await.1,
            lacking!("org.read"),
        ),
        visitor(
            "a key that sees tasks",
            &acme.key(&["task.read"]).await.1,
            lacking!("task.read"),
        ),
        visitor(
            "a machine that sees the fleet",
            &machine_session(acme, &["fleet.read"]).await,
            lacking!("fleet.read"),
        ),
        visitor("its device", &world.press.session().await, device),
    ];
    let before = world.state().await;
    let wrong = world.visits(&visitors).await;
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    assert_eq!(world.state().await, before);

    // All this can fail: whoever is let in is told, and so is a change.
    let owner = visitor("the owner", &world.press.api, |gate| {
        (gate == Gate::Holds("fleet.read")).then_some(403)
    });
    let wrong = world.visits(&[owner]).await;
    assert!(wrong.iter().any(|wrong| wrong.contains("200 for 403")), "{wrong:?}");
    let project = json!({ "name": "Line 5" });
    world
        .press
        .api
        .post(&acme.path("/projects"), &project)
        .await
        .expect(201);
    assert_ne!(world.state().await, before);
}
