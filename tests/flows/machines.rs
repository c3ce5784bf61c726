//! Machines: programs that sign with a role of AWS's.
//!
//! The local API Gateway tells who signed by the key that the signature names, and does not check the signature itself: that a wrong one is turned
//! away is AWS's to prove.

use reqwest::Method;
use serde_json::json;
use tests::{Api, Organization, answer, ask_machine_session as ask, assumed_role, register_machine as register};

#[tokio::test]
async fn a_registered_role_gets_a_session_until_it_is_removed() {
    let acme = Organization::new("Acme").await;
    let (role, key) = assumed_role().await;
    ask(&key, &acme.id).await.problem(403);
    let machine = register(&acme, &role, &["fleet.read"]).await;
    let session = ask(&key, &acme.id).await.expect(201);
    assert_eq!(
        (&session["machine"], &session["expires_in"]),
        (&machine["id"], &json!(900))
    );
    let client = Api::anonymous().bearer(session["access_token"].as_str().unwrap());
    client.get(&acme.path("/projects")).await.expect(200);
    assert!(
        client
            .get(&acme.path("/tasks"))
            .await
            .problem(403)
            .contains("task.read")
    );
    client
        .post(&acme.path("/projects"), &json!({ "name": "n" }))
        .await
        .problem(403);
    client.get("/v1/me").await.problem(403);
    client.get("/v1/device").await.problem(403);
    client
        .post("/v1/device-sessions/renewal", &json!({}))
        .await
        .problem(403);
    let rival = Organization::new("Rival").await;
    client.get(&rival.path("")).await.problem(404);
    ask(&key, &rival.id).await.problem(403);
    ask(&key, "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC").await.problem(403);

    let listed = acme.owner.api.get(&acme.path("/machines")).await.expect(200);
    assert_eq!(
        (&listed["items"][0]["id"], &listed["items"][0]["role_name"]),
        (&machine["id"], &json!(role))
    );
    let path = acme.path(&format!("/machines/{}", machine["id"].as_str().unwrap()));
    acme.owner.api.delete(&path).await.expect(204);
    client.get(&acme.path("/projects")).await.problem(401);
    ask(&key, &acme.id).await.problem(403);
    acme.owner.api.delete(&path).await.problem(404);
    let again = register(&acme, &role, &["task.read"]).await;
    assert_ne!(again["id"], machine["id"]);
    client.get(&acme.path("/tasks")).await.problem(401);
}

#[tokio::test]
async fn who_is_no_registered_role_gets_no_session() {
    let acme = Organization::new("Acme").await;
    let (role, key) = assumed_role().await;
    register(&acme, &role, &["fleet.read"]).await;
    let (_, other) = assumed_role().await;
    ask(&other, &acme.id).await.problem(403);
    // Somebody whom the key does not tell, and the owner's own session in the place of a signature.
    ask("AKIAIOSFODNN7EXAMPLE", &acme.id).await.problem(403);
    acme.owner
        .api
        .post("/v1/m2m/sessions", &json!({ "org": acme.id }))
        .await
        .problem(403);
    for odd in [
        json!({}),
        json!({ "org": "x" }),
        json!({ "org": acme.id, "role": role }),
    ] {
        let signed = Api::anonymous().request(Method::POST, "/v1/m2m/sessions");
        let signature = format!("AWS4-HMAC-SHA256 Credential={key}/20260102/us-east-1/execute-api/aws4_request");
        answer(signed.header("authorization", signature).json(&odd))
            .await
            .problem(422);
    }
}

#[tokio::test]
async fn machines_that_cannot_be_are_refused() {
    let acme = Organization::new("Acme").await;
    let good = json!({ "name": "m", "account": "123456789012", "role_name": "press", "scopes": ["fleet.read"] });
    acme.owner.api.post(&acme.path("/machines"), &good).await.expect(201);
    let taken = acme.owner.api.post(&acme.path("/machines"), &good).await.problem(409);
    assert!(taken.contains("/role_name"), "{taken}");
    for (member, wrong) in [
        ("account", json!("12345678901")),
        ("account", json!(123_456_789_012_i64)),
        ("role_name", json!("path/press")),
        ("role_name", json!("")),
        ("scopes", json!([])),
        ("scopes", json!(["machine.manage"])),
    ] {
        let mut body = good.clone();
        body[member] = wrong;
        let detail = acme.owner.api.post(&acme.path("/machines"), &body).await.problem(422);
        assert!(detail.contains(member), "{detail}");
    }
}
