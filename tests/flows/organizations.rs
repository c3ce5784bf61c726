//! Organisations from first to last.

use serde_json::json;
use tests::{Api, Organization, Person, finished};

#[tokio::test]
async fn an_organization_is_asked_for_set_up_and_listed() {
    let ada = Person::new("Ada").await;
    let created = ada.api.post("/v1/orgs", &json!({ "name": "Acme" })).await;
    let task = created.header("location").to_owned();
    let body = created.expect(202);
    assert_eq!(
        (body["name"].as_str(), body["status"].as_str()),
        (Some("Acme"), Some("provisioning"))
    );
    assert!(task.ends_with(body["task"].as_str().unwrap()));

    let done = finished(&ada.api, &task).await;
    assert_eq!(
        (done["kind"].as_str(), done["status"].as_str()),
        (Some("organization.create"), Some("succeeded"))
    );
    let path = format!("/v1/orgs/{}", body["id"].as_str().unwrap());
    assert_eq!(ada.api.get(&path).await.expect(200)["status"], "active");
    let mine = ada.api.get("/v1/orgs").await.expect(200);
    assert_eq!(mine["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        ada.api.get("/v1/me").await.expect(200)["organizations"][0]["role"],
        "owner"
    );
    let tasks = ada.api.get(&format!("{path}/tasks")).await.expect(200);
    assert_eq!(tasks["items"][0]["id"], body["task"]);
}

#[tokio::test]
async fn a_deleted_organization_is_gone_and_its_task_tells_so() {
    let acme = Organization::new("Acme").await;
    let viewer = acme.member("viewer").await;
    let (_, key) = acme.key(&["org.read"]).await;
    assert_eq!(acme.delete().await["status"], "succeeded");
    acme.owner.api.get(&acme.path("")).await.problem(404);
    acme.owner.api.delete(&acme.path("")).await.problem(409);
    assert_eq!(acme.owner.api.get("/v1/orgs").await.expect(200)["items"], json!([]));
    viewer.api.get(&acme.path("")).await.problem(404);
    key.get(&acme.path("")).await.problem(401);
}

#[tokio::test]
async fn a_member_comes_by_invitation_and_goes_at_once() {
    let acme = Organization::new("Acme").await;
    let viewer = acme.member("viewer").await;
    viewer.api.get(&acme.path("")).await.expect(200);
    let refusal = viewer
        .api
        .post(&acme.path("/projects"), &json!({ "name": "Mine" }))
        .await
        .problem(403);
    assert!(refusal.contains("fleet.write"), "{refusal}");
    let members = viewer.api.get(&acme.path("/members")).await.expect(200);
    assert_eq!(members["items"].as_array().map(Vec::len), Some(2));

    acme.owner
        .api
        .delete(&acme.path(&format!("/members/{}", viewer.id)))
        .await
        .expect(204);
    viewer.api.get(&acme.path("")).await.problem(404);
    acme.owner
        .api
        .delete(&acme.path(&format!("/members/{}", viewer.id)))
        .await
        .problem(404);
    acme.owner
        .api
        .delete(&acme.path(&format!("/members/{}", acme.owner.id)))
        .await
        .problem(409);
}

#[tokio::test]
async fn an_invitation_is_for_one_person_and_one_time() {
    let acme = Organization::new("Acme").await;
    let (bea, eve) = (Person::new("Bea").await, Person::new("Eve").await);
    let body = json!({ "email": bea.email, "role": "manager" });
    let invitation = acme.owner.api.post(&acme.path("/invitations"), &body).await.expect(201);
    let listed = acme.owner.api.get(&acme.path("/invitations")).await.expect(200);
    assert_eq!(listed["items"][0]["id"], invitation["id"]);
    assert!(!listed.to_string().contains("token"), "{listed}");

    let accept = format!("/v1/invitations/{}/accept", invitation["token"].as_str().unwrap());
    eve.api.post(&accept, &json!({})).await.problem(404);
    assert_eq!(bea.api.post(&accept, &json!({})).await.expect(200)["role"], "manager");
    bea.api.post(&accept, &json!({})).await.problem(404);
    bea.api
        .post("/v1/invitations/nonsense/accept", &json!({}))
        .await
        .problem(404);

    let other = acme
        .owner
        .api
        .post(
            &acme.path("/invitations"),
            &json!({ "email": eve.email, "role": "viewer" }),
        )
        .await;
    let other = other.expect(201);
    let path = acme.path(&format!("/invitations/{}", other["id"].as_str().unwrap()));
    acme.owner.api.delete(&path).await.expect(204);
    let accept = format!("/v1/invitations/{}/accept", other["token"].as_str().unwrap());
    eve.api.post(&accept, &json!({})).await.problem(404);
    let owner = json!({ "email": eve.email, "role": "owner" });
    acme.owner
        .api
        .post(&acme.path("/invitations"), &owner)
        .await
        .problem(422);
}

#[tokio::test]
async fn a_key_does_what_its_scopes_say_until_it_is_revoked() {
    let acme = Organization::new("Acme").await;
    let (id, key) = acme.key(&["fleet.read", "fleet.write"]).await;
    key.post(&acme.path("/projects"), &json!({ "name": "Line 4" }))
        .await
        .expect(201);
    assert!(key.get(&acme.path("/tasks")).await.problem(403).contains("task.read"));
    key.get(&acme.path("/api-keys")).await.problem(403);
    key.get("/v1/me").await.problem(403);

    let listed = acme.owner.api.get(&acme.path("/api-keys")).await.expect(200);
    assert_eq!(listed["items"][0]["id"], id.as_str());
    assert!(!listed.to_string().contains("mwk_"), "{listed}");

    acme.owner
        .api
        .delete(&acme.path(&format!("/api-keys/{id}")))
        .await
        .expect(204);
    key.get(&acme.path("/projects")).await.problem(401);
}

#[tokio::test]
async fn keys_that_cannot_be_are_refused() {
    let acme = Organization::new("Acme").await;
    for (body, said) in [
        (json!({ "name": "k", "scopes": [] }), "/scopes"),
        (json!({ "name": "k", "scopes": ["key.manage"] }), "/scopes/0"),
        (json!({ "name": "k", "scopes": ["fleet.read", "fly"] }), "/scopes/1"),
        (
            json!({ "name": "k", "scopes": ["fleet.read"], "expires_at": "2001-01-01T00:00:00Z" }),
            "/expires_at",
        ),
    ] {
        let detail = acme.owner.api.post(&acme.path("/api-keys"), &body).await.problem(422);
        assert!(detail.contains(said), "{body}: {detail}");
    }
    assert_eq!(
        acme.owner.api.get(&acme.path("/api-keys")).await.expect(200)["items"],
        json!([])
    );
}

#[tokio::test]
async fn an_organization_of_others_does_not_exist() {
    let acme = Organization::new("Acme").await;
    let stranger = Organization::new("Rival").await;
    let (_, key) = stranger.key(&["org.read", "fleet.read"]).await;
    for path in [
        acme.path(""),
        acme.path("/projects"),
        "/v1/orgs/org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".to_owned(),
    ] {
        stranger.owner.api.get(&path).await.problem(404);
        key.get(&path).await.problem(404);
        Api::anonymous().get(&path).await.problem(401);
    }
}

#[tokio::test]
async fn ones_organizations_come_in_pages() {
    let ada = Person::new("Ada").await;
    let (first, second) = (ada.organization("First").await, ada.organization("Second").await);
    let page = ada.api.get("/v1/orgs?limit=1").await.expect(200);
    assert_eq!(
        (page["items"].as_array().unwrap().len(), &page["items"][0]["id"]),
        (1, &json!(first.id))
    );
    let next = format!("/v1/orgs?limit=1&cursor={}", page["next"].as_str().unwrap());
    let page = ada.api.get(&next).await.expect(200);
    assert_eq!(page["items"][0]["id"], second.id);
    let last = match page["next"].as_str() {
        Some(next) => ada.api.get(&format!("/v1/orgs?cursor={next}")).await.expect(200),
        None => page,
    };
    assert!(last["next"].is_null(), "{last}");
    ada.api.get("/v1/orgs?limit=0").await.problem(400);
    ada.api.get("/v1/orgs?cursor=x").await.problem(400);
}
