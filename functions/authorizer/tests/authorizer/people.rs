//! People with access tokens.

use crate::doubles::{ARN, FEDERATED, NOW, ORG, SESSION, SUB, World, caller, claims, event, org, token, with};
use authorizer::{Answer, Reason, Refusal};
use domain::access::decision::Act;
use domain::access::{Membership, Rights};
use domain::maintenance::{Maintenance, Mode};
use domain::organization::OrgStatus;
use domain::{Caller, Principal, Role, Scopes, ServiceError, UserId};
use serde_json::{Value, json};

const OTHER: &str = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XD";

fn on_path(org: &str) -> Value {
    let mut event = event(&[("authorization", &format!("bearer {}", token(&claims())))]);
    event["pathParameters"] = json!({ "org": org });
    event
}

async fn as_member(status: OrgStatus, event: Value) -> Result<Answer, Refusal> {
    let mut world = World::new();
    let mut home = org(ORG);
    home.status = status;
    world.authorizer.directory.user.org = Some(home);
    world.authorizer.directory.user.role = Some(Role::Manager);
    world.authorizer.directory.user.extra = Scopes::parse("journal.read");
    world.authorizer.handle(event).await
}

#[tokio::test]
async fn a_sign_in_through_an_identity_provider_counts_as_any_other() {
    let world = World::new();
    let federated = with(claims(), "client_id", json!(FEDERATED));
    let answer = world.bearer(&token(&federated)).await.unwrap();
    assert_eq!(caller(&answer).person(), Ok(UserId::from_sub(SUB).unwrap()));
}

#[tokio::test]
async fn a_person_may_make_the_one_call_they_asked_about() {
    let world = World::new();
    let answer = world.bearer(&token(&claims())).await.unwrap();
    let user = UserId::from_sub(SUB).unwrap();
    assert_eq!(
        serde_json::to_value(&answer.policy_document).unwrap(),
        json!({ "Version": "2012-10-17", "Statement": [
            { "Action": ["execute-api:Invoke"], "Effect": "Allow", "Resource": [ARN] },
        ] })
    );
    assert_eq!(answer.principal_id, Some(user.to_string()));
    let expected = Caller {
        principal: Principal::User(user),
        session: Some(SESSION.into()),
        staff: false,
        membership: None,
        maintenance: Maintenance::default(),
        act: Act::Change,
        origin: domain::journal::Origin::default(),
    };
    assert_eq!(caller(&answer), expected);
    let asked = world.authorizer.directory.asked.lock().unwrap().clone();
    assert_eq!(asked, [(format!("{user} {SESSION}"), None)]);
}

#[tokio::test]
async fn staff_is_who_is_in_the_group_of_exactly_that_name() {
    for (groups, staff) in [
        (Value::Null, false),
        (json!([]), false),
        (json!(["staff"]), true),
        (json!(["beta", "staff"]), true),
        (json!(["Staff"]), false),
        (json!(["staff "]), false),
        (json!(["nostaff", "staffs"]), false),
    ] {
        let token = token(&with(claims(), "cognito:groups", groups.clone()));
        let answer = World::new().bearer(&token).await.unwrap();
        assert_eq!(caller(&answer).staff().is_ok(), staff, "{groups}");
        assert_eq!(
            caller(&answer).membership,
            None,
            "staff belongs to no organisation by it"
        );
    }
}

#[tokio::test]
async fn a_member_comes_with_their_role() {
    for status in [OrgStatus::Active, OrgStatus::Provisioning, OrgStatus::Deleting] {
        let answer = as_member(status, on_path(ORG)).await.unwrap();
        let expected = Membership {
            org: ORG.parse().unwrap(),
            status,
            table: org(ORG).table,
            maintenance: Maintenance::default(),
            rights: Rights::Role {
                role: Role::Manager,
                extra: Scopes::parse("journal.read"),
            },
        };
        assert_eq!(caller(&answer).membership, Some(expected));
    }
}

#[tokio::test]
async fn the_organisation_is_found_in_the_path_too() {
    for (path, found) in [
        (format!("/v1/orgs/{ORG}/projects"), true),
        (format!("/v1/orgs/{ORG}"), true),
        ("/v1/orgs".into(), false),
        ("/v1/orgs/".into(), false),
        (format!("/v2/orgs/{ORG}"), false),
        (format!("/v1/orgs/{ORG}x"), false),
    ] {
        let world = World::new();
        let mut event = on_path(ORG);
        event["pathParameters"] = Value::Null;
        event["path"] = json!(path);
        assert!(world.authorizer.handle(event).await.is_ok());
        let asked = world.authorizer.directory.asked.lock().unwrap()[0].1;
        assert_eq!(asked, found.then(|| ORG.parse().unwrap()), "{path}");
    }
}

#[tokio::test]
async fn strangers_are_let_through_without_a_membership() {
    let mut world = World::new();
    world.authorizer.directory.user.org = Some(org(OTHER));
    for path in [OTHER, "org_", "", "../x", "prj_01KAF2Z7M0V8Q4J3T6B9N5R1XC"] {
        let answer = world.authorizer.handle(on_path(path)).await.unwrap();
        assert_eq!(caller(&answer).membership, None, "{path}");
    }
}

#[tokio::test]
async fn who_signed_out_or_is_gone_is_refused() {
    let mut world = World::new();
    world.authorizer.directory.user.revoked = true;
    let signed_out = world.bearer(&token(&claims())).await;
    assert_eq!(signed_out, Err(Reason::SignedOut.into()));
    world.authorizer.directory.user.revoked = false;
    for (signed_out_at, over) in [(NOW - 61, false), (NOW - 60, true), (NOW, true)] {
        world.authorizer.directory.user.signed_out_at = Some(signed_out_at);
        let refused = world.bearer(&token(&claims())).await.err();
        assert_eq!(refused, over.then(|| Reason::SignedOut.into()), "{signed_out_at}");
    }
    world.authorizer.directory.user.known = false;
    let gone = world.bearer(&token(&claims())).await;
    assert_eq!(gone, Err(Reason::UnknownPerson.into()));
}

#[tokio::test]
async fn a_directory_that_fails_or_hangs_is_an_outage() {
    let mut world = World::new();
    world.authorizer.directory.down = Some(ServiceError::Busy("Throttling".into()));
    assert!(matches!(world.bearer(&token(&claims())).await, Err(Refusal::Outage(_))));
    world.authorizer.directory.hangs = true;
    let began = tokio::time::Instant::now();
    assert!(matches!(world.bearer(&token(&claims())).await, Err(Refusal::Outage(_))));
    assert!(
        began.elapsed().as_secs_f64() < 5.0,
        "the function's time-out came first"
    );
}

#[tokio::test]
async fn a_caller_comes_with_a_pseudonym_of_their_address_and_not_with_the_address() {
    let mut world = World::new();
    let key = domain::journal::PseudonymKey::new(&world.authorizer.source);
    let sent = |path: &str| {
        let header = format!("Bearer {}", token(&claims()));
        let mut event = with(event(&[("Authorization", &header)]), "path", json!(path));
        event["requestContext"]["identity"] = json!({ "sourceIp": "192.0.2.1", "userAgent": "curl" });
        event
    };
    // Somebody who has no key yet is told of without an address.
    let answer = world.authorizer.handle(sent("/v1/me")).await.unwrap();
    assert_eq!(caller(&answer).origin.address, None);
    world.authorizer.directory.user.pseudonym_key = Some(key.clone());
    let answer = world.authorizer.handle(sent("/v1/me")).await.unwrap();
    let told = key.address("192.0.2.1".parse().unwrap());
    assert_eq!(caller(&answer).origin.address, Some(told));
    let context = serde_json::to_string(&answer.context).unwrap();
    assert!(!context.contains("192.0.2.1"), "{context}");
}

#[tokio::test]
async fn the_question_what_one_may_do_names_its_organisation_in_the_query() {
    let asking = |orgs: &[&str], route: &str| {
        let mut event = event(&[("authorization", &format!("bearer {}", token(&claims())))]);
        event["resource"] = json!(route);
        event["path"] = json!(route);
        event["queryStringParameters"] = json!({ "org": orgs.last() });
        event["multiValueQueryStringParameters"] = json!({ "org": orgs });
        event
    };
    let route = "/v1/me/permissions";
    for (orgs, route, found) in [
        (&[ORG][..], route, true),
        (&["org_nonsense"], route, false),
        (&[OTHER, ORG], route, false),
        (&[ORG], "/v1/me", false),
    ] {
        let mut world = World::new();
        world.authorizer.directory.user.org = Some(org(ORG));
        world.authorizer.directory.user.role = Some(Role::Viewer);
        world.authorizer.handle(asking(orgs, route)).await.unwrap();
        let asked = world.authorizer.directory.asked.lock().unwrap().clone();
        assert_eq!(asked[0].1.is_some(), found, "{orgs:?} {route}");
        assert_eq!(asked.len(), 1, "one read a request");
    }
}

#[tokio::test]
async fn the_deployments_maintenance_comes_with_everybody() {
    let mut world = World::new();
    let closed = Maintenance {
        mode: Mode::ReadOnly,
        message: None,
    };
    world.authorizer.directory.user.maintenance = closed.clone();
    let answer = world.bearer(&token(&claims())).await.unwrap();
    assert_eq!(caller(&answer).maintenance, closed);
}
