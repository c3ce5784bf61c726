//! Signing up, in, on and out.

use serde_json::json;
use tests::{Api, Person, sign_in, unique};

#[tokio::test]
async fn somebody_signs_up_and_sees_themselves() {
    let ada = Person::new("Ada").await;
    let me = ada.api.get("/v1/me").await.expect(200);
    assert_eq!(
        (me["id"].as_str(), me["email"].as_str()),
        (Some(ada.id.as_str()), Some(ada.email.as_str()))
    );
    assert_eq!(
        (me["name"].as_str(), me["status"].as_str()),
        (Some("Ada"), Some("active"))
    );
    assert_eq!(me["organizations"], json!([]));
    assert_eq!(
        (ada.session["token_type"].as_str(), ada.session["expires_in"].as_u64()),
        (Some("Bearer"), Some(3600))
    );
}

#[tokio::test]
async fn signing_out_ends_every_token_of_that_sign_in_at_once_and_no_other() {
    let phone = Person::new("Ada").await;
    let laptop = phone.again().await;
    let refresh = json!({ "refresh_token": phone.session["refresh_token"] });
    let renewed = phone.api.post("/v1/sessions/refresh", &refresh).await.expect(200);
    let renewed = phone.api.bearer(renewed["access_token"].as_str().unwrap());
    renewed.get("/v1/me").await.expect(200);

    phone.api.delete("/v1/sessions/current").await.expect(204);

    phone.api.get("/v1/me").await.problem(401);
    renewed.get("/v1/me").await.problem(401);
    phone.api.post("/v1/sessions/refresh", &refresh).await.problem(401);
    laptop.api.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn a_sign_in_that_fails_does_not_tell_why() {
    let ada = Person::new("Ada").await;
    let api = Api::anonymous();
    let wrong = |email: &str| json!({ "email": email, "password": "Wrong-Horse-12" });
    let known = api.post("/v1/sessions", &wrong(&ada.email)).await.problem(401);
    let unknown = api
        .post("/v1/sessions", &wrong("nobody@example.com"))
        .await
        .problem(401);
    assert_eq!(known, unknown);

    let email = format!("{}@example.com", unique("new"));
    let account = json!({ "email": email, "password": "Correct-Horse-1", "name": "New" });
    api.post("/v1/accounts", &account).await.expect(201);
    assert_eq!(sign_in(&api, &email).await.problem(401), unknown);
}

#[tokio::test]
async fn an_address_has_one_account() {
    let ada = Person::new("Ada").await;
    let account = json!({ "email": ada.email, "password": "Correct-Horse-1", "name": "Another" });
    Api::anonymous().post("/v1/accounts", &account).await.problem(409);
}

#[tokio::test]
async fn accounts_that_cannot_be_are_refused_with_the_rule() {
    let api = Api::anonymous();
    for (body, said) in [
        (
            json!({ "email": "ada", "password": "Correct-Horse-1", "name": "Ada" }),
            "/email",
        ),
        (
            json!({ "email": "ada@example.com", "password": "short", "name": "Ada" }),
            "12",
        ),
        (
            json!({ "email": "ada@example.com", "password": "Correct-Horse-1", "name": " " }),
            "/name",
        ),
        (
            json!({ "email": "ada@example.com", "password": "Correct-Horse-1" }),
            "name",
        ),
        (
            json!({ "email": 7, "password": "Correct-Horse-1", "name": "Ada" }),
            "/email",
        ),
        (
            json!({ "email": "ada@example.com", "password": "Correct-Horse-1", "name": "Ada", "admin": true }),
            "admin",
        ),
    ] {
        let detail = api.post("/v1/accounts", &body).await.problem(422);
        assert!(detail.contains(said), "{body}: {detail}");
        assert!(!detail.contains("Correct-Horse-1"), "a password came back: {detail}");
    }
}
