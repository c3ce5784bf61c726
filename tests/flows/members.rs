//! Members: what they may do, who says so, and who owns the organisation.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Api, Organization, Person, answer};

async fn change(by: &Api, acme: &Organization, member: &str, body: Value) -> Answer {
    let path = acme.path(&format!("/members/{member}"));
    let etag = acme.owner.api.get(&path).await.header("etag").to_owned();
    by.patch(&path, &etag, &body).await
}

async fn permissions(api: &Api, acme: &Organization) -> Value {
    api.get(&format!("/v1/me/permissions?org={}", acme.id))
        .await
        .expect(200)
}

/// What can be used at present in requests that change something, or in those that only look.
fn usable(told: &Value, at_present: &str) -> Vec<String> {
    let held = told["permissions"].as_array().unwrap().iter();
    let usable = held.filter(|held| held["at_present"] == at_present);
    usable
        .map(|held| held["permission"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_member_may_do_what_their_role_and_what_they_were_given_say() {
    let acme = Organization::new("Acme").await;
    let olga = acme.member("operator").await;
    let path = acme.path(&format!("/members/{}", olga.id));
    acme.project("Line 4").await;
    assert!(
        olga.api
            .get(&acme.path("/journal"))
            .await
            .problem(403)
            .contains("journal.read")
    );

    let body = json!({ "permissions": ["journal.read", "fleet.read"] });
    let changed = change(&acme.owner.api, &acme, &olga.id, body).await;
    let etag = changed.header("etag").to_owned();
    let changed = changed.expect(200);
    assert_eq!(
        (&changed["role"], &changed["permissions"]),
        (&json!("operator"), &json!(["journal.read"]))
    );
    olga.api.get(&acme.path("/journal")).await.expect(200);
    let told = permissions(&olga.api, &acme).await;
    assert_eq!(
        (&told["role"], &told["given"]),
        (&json!("operator"), &json!(["journal.read"]))
    );
    assert_eq!(
        usable(&told, "all"),
        [
            "org.read",
            "member.self",
            "journal.read",
            "task.read",
            "fleet.read",
            "telemetry.write"
        ]
    );

    let role = json!({ "role": "viewer" });
    acme.owner.api.patch(&path, "\"1\"", &role).await.problem(412);
    answer(acme.owner.api.request(Method::PATCH, &path).json(&role))
        .await
        .problem(428);
    acme.owner.api.patch(&path, &etag, &role).await.expect(200);
    let member = olga.api.get(&path).await.expect(200);
    assert_eq!(
        (&member["role"], &member["permissions"]),
        (&json!("viewer"), &json!(["journal.read"]))
    );
    let journal = acme
        .owner
        .api
        .get(&acme.path("/journal?action=member.changed"))
        .await
        .expect(200);
    assert_eq!(
        journal["items"][0]["before"],
        json!({ "role": "operator", "permissions": ["journal.read"] })
    );
    assert_eq!(
        journal["items"][0]["after"],
        json!({ "role": "viewer", "permissions": ["journal.read"] })
    );
}

#[tokio::test]
async fn what_cannot_be_given_is_refused_with_its_place() {
    let acme = Organization::new("Acme").await;
    let vera = acme.member("viewer").await;
    for (body, said) in [
        (json!({ "permissions": ["org.read", "org.delete"] }), "/permissions/1"),
        (json!({ "permissions": ["owner.manage"] }), "/permissions/0"),
        (json!({ "permissions": ["device.self"] }), "/permissions/0"),
        (json!({ "permissions": ["fly"] }), "/permissions/0"),
        (json!({ "role": "emperor" }), "/role"),
        (json!({ "owner": true }), "owner"),
    ] {
        let detail = change(&acme.owner.api, &acme, &vera.id, body.clone())
            .await
            .problem(422);
        assert!(detail.contains(said), "{body}: {detail}");
    }
}

#[tokio::test]
async fn programs_are_told_what_they_may_do_and_strangers_nothing() {
    let acme = Organization::new("Acme").await;
    let (id, key) = acme.key(&["fleet.read"]).await;
    let told = permissions(&key, &acme).await;
    assert_eq!((&told["principal"], &told["role"]), (&json!(id), &Value::Null));
    assert_eq!(usable(&told, "all"), ["fleet.read"]);
    let path = format!("/v1/me/permissions?org={}", acme.id);
    let rival = Organization::new("Rival").await;
    rival.owner.api.get(&path).await.problem(404);
    Api::anonymous().get(&path).await.problem(401);
    acme.owner
        .api
        .get(&format!("{path}&org={}", rival.id))
        .await
        .problem(400);
    acme.owner.api.get("/v1/me/permissions").await.problem(400);
}

#[tokio::test]
async fn an_organization_changes_hands_at_once_and_once() {
    let acme = Organization::new("Acme").await;
    let ada = acme.member("manager").await;
    let (path, body) = (acme.path("/ownership"), json!({ "user": ada.id }));
    let send = || {
        answer(
            acme.owner
                .api
                .request(Method::POST, &path)
                .header("idempotency-key", "hand-over")
                .json(&body),
        )
    };
    let first = send().await.expect(200);
    assert_eq!(
        (&first["owner"], &first["before"]),
        (&json!(ada.id), &json!(acme.owner.id))
    );
    assert_eq!(permissions(&acme.owner.api, &acme).await["role"], "admin");
    assert_eq!(permissions(&ada.api, &acme).await["role"], "owner");
    acme.owner.api.delete(&acme.path("")).await.problem(403);
    let journal = ada
        .api
        .get(&acme.path("/journal?action=organization.ownership_transferred"))
        .await
        .expect(200);
    assert_eq!(journal["items"].as_array().map(Vec::len), Some(1));

    ada.api
        .delete(&acme.path(&format!("/members/{}", ada.id)))
        .await
        .problem(409);
    ada.api.post(&path, &json!({ "user": ada.id })).await.problem(422);
    let stranger = Person::new("Stranger").await;
    ada.api.post(&path, &json!({ "user": stranger.id })).await.problem(422);
    acme.owner
        .api
        .delete(&acme.path(&format!("/members/{}", acme.owner.id)))
        .await
        .expect(204);
}

#[tokio::test]
async fn two_owners_who_unmake_each_other_at_once_leave_one() {
    let acme = Organization::new("Acme").await;
    let ada = acme.member("admin").await;
    change(&acme.owner.api, &acme, &ada.id, json!({ "role": "owner" }))
        .await
        .expect(200);
    let path = |who: &Person| acme.path(&format!("/members/{}", who.id));
    let (of_ada, of_owner) = (path(&ada), path(&acme.owner));
    let etag_of_ada = acme.owner.api.get(&of_ada).await.header("etag").to_owned();
    let etag_of_owner = acme.owner.api.get(&of_owner).await.header("etag").to_owned();
    let viewer = json!({ "role": "viewer" });
    let (one, other) = tokio::join!(
        acme.owner.api.patch(&of_ada, &etag_of_ada, &viewer),
        ada.api.patch(&of_owner, &etag_of_owner, &viewer)
    );
    let (one, other) = (one.status, other.status);
    assert!(one == 200 || other == 200, "{one} {other}");
    assert!(one != 200 || other != 200, "nobody is left");
    let left = if one == 200 { &acme.owner } else { &ada };
    assert_eq!(acme.owners(&left.api).await, 1);
    left.api.delete(&path(left)).await.problem(409);
}
