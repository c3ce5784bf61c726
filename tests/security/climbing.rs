//! Nobody climbs: whoever may manage members or keys gives and takes no more than they hold themselves.

use serde_json::{Value, json};
use tests::{Api, Organization, Person};

const ROLES: [&str; 5] = ["owner", "admin", "manager", "operator", "viewer"];

/// A member of each role but the owner's, who may manage members and keys besides.
async fn climbers(acme: &Organization) -> Vec<(&'static str, Person)> {
    let mut climbers = Vec::new();
    for role in &ROLES[1..] {
        let person = acme.member(role).await;
        let given = json!({ "permissions": ["member.manage", "key.manage"] });
        patch(&acme.owner.api, acme, &person.id, &given).await.expect(200);
        climbers.push((*role, person));
    }
    climbers
}

async fn patch(by: &Api, acme: &Organization, member: &str, body: &Value) -> tests::Answer {
    let path = acme.path(&format!("/members/{member}"));
    let etag = acme.owner.api.get(&path).await.header("etag").to_owned();
    by.patch(&path, &etag, body).await
}

/// Whether a member of `maker`'s role, who manages members and keys besides, holds all that a `made` holds.
fn reaches(maker: &str, made: &str) -> bool {
    match maker {
        "admin" => made != "owner",
        "manager" => ["manager", "operator", "viewer"].contains(&made),
        _ => maker == made,
    }
}

#[tokio::test]
async fn each_role_gives_and_takes_only_what_it_holds() {
    let acme = Organization::new("Acme").await;
    let subject = acme.member("viewer").await;
    for (maker, person) in climbers(&acme).await {
        for from in ROLES {
            patch(&acme.owner.api, &acme, &subject.id, &json!({ "role": from }))
                .await
                .expect(200);
            for to in ROLES.into_iter().filter(|to| *to != from) {
                let may = reaches(maker, from) && reaches(maker, to);
                let answer = patch(&person.api, &acme, &subject.id, &json!({ "role": to })).await;
                assert_eq!(
                    answer.status,
                    if may { 200 } else { 403 },
                    "{maker}: {from} to {to}: {}",
                    answer.text
                );
                if may {
                    patch(&acme.owner.api, &acme, &subject.id, &json!({ "role": from }))
                        .await
                        .expect(200);
                }
            }
        }
        patch(&acme.owner.api, &acme, &subject.id, &json!({ "role": "viewer" }))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn nobody_climbs_by_a_detour() {
    let acme = Organization::new("Acme").await;
    for (role, person) in climbers(&acme).await {
        let by = &person.api;
        patch(by, &acme, &person.id, &json!({ "role": "owner" }))
            .await
            .problem(403);
        patch(by, &acme, &person.id, &json!({ "permissions": [] }))
            .await
            .problem(403);
        by.delete(&acme.path(&format!("/members/{}", acme.owner.id)))
            .await
            .problem(403);
        by.post(&acme.path("/ownership"), &json!({ "user": person.id }))
            .await
            .problem(403);
        for invited in &ROLES[1..] {
            let body = json!({ "email": "eve@example.com", "role": invited });
            let answer = by.post(&acme.path("/invitations"), &body).await;
            let status = if reaches(role, invited) { 201 } else { 403 };
            assert_eq!(answer.status, status, "{role} invites {invited}: {}", answer.text);
        }
        let scopes = ["telemetry.read", "telemetry.write", "fleet.write"];
        let told = by
            .get(&format!("/v1/me/permissions?org={}", acme.id))
            .await
            .expect(200)
            .to_string();
        for scope in scopes {
            let answer = by
                .post(&acme.path("/api-keys"), &json!({ "name": "k", "scopes": [scope] }))
                .await;
            let status = if told.contains(scope) { 201 } else { 403 };
            assert_eq!(answer.status, status, "{role} makes a key for {scope}: {}", answer.text);
        }
    }
    assert_eq!(acme.owners(&acme.owner.api).await, 1);
}
