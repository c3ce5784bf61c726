//! Signing up, in, on and out.

use serde_json::json;
use tests::{Api, Person, aws, sign_in, unique};

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
async fn signing_out_everywhere_ends_every_sign_in_and_no_later_one() {
    let phone = Person::new("Ada").await;
    let laptop = phone.again().await;
    phone.api.delete("/v1/sessions").await.expect(204);
    for device in [&phone, &laptop] {
        device.api.get("/v1/me").await.problem(401);
        let refresh = json!({ "refresh_token": device.session["refresh_token"] });
        device.api.post("/v1/sessions/refresh", &refresh).await.problem(401);
    }
    let later = phone.again().await;
    later.api.get("/v1/me").await.expect(200);
    let refresh = json!({ "refresh_token": later.session["refresh_token"] });
    later.api.post("/v1/sessions/refresh", &refresh).await.expect(200);
}

#[tokio::test]
async fn a_new_password_ends_every_sign_in_and_the_wait_after_wrong_ones() {
    let ada = Person::new("Ada").await;
    let wrong = json!({ "email": ada.email, "password": "Wrong-Horse-12" });
    for _ in 0..5 {
        ada.api.post("/v1/sessions", &wrong).await.problem(401);
    }
    sign_in(&ada.api, &ada.email).await.problem(429);
    ada.api
        .post("/v1/password-resets", &json!({ "email": ada.email }))
        .await
        .expect(204);
    let reset = json!({ "email": ada.email, "code": "654321", "password": "Another-Horse-1" });
    ada.api.post("/v1/password-resets/confirm", &reset).await.expect(204);
    ada.api.get("/v1/me").await.problem(401);
    let new = json!({ "email": ada.email, "password": "Another-Horse-1" });
    ada.api.post("/v1/sessions", &new).await.expect(201);
    sign_in(&ada.api, &ada.email).await.problem(401);
}

#[tokio::test]
async fn a_new_address_is_confirmed_before_it_counts_and_the_old_one_is_told() {
    let ada = Person::new("Ada").await;
    let new = format!("{}@example.com", unique("new"));
    ada.api
        .post("/v1/me/email", &json!({ "email": ada.email }))
        .await
        .problem(422);
    ada.api.post("/v1/me/email", &json!({ "email": new })).await.expect(204);
    ada.api
        .post("/v1/me/email", &json!({ "email": new }))
        .await
        .problem(429);
    let mail = aws::mail_to(&new, "mwe_").await;
    let token = &mail[mail.find("mwe_").unwrap()..];
    let code: String = token
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    aws::mail_to(&ada.email, "use another address").await;
    assert_eq!(ada.api.get("/v1/me").await.expect(200)["email"], ada.email.as_str());

    // In anybody else's hands the token is worth nothing.
    let eve = Person::new("Eve").await;
    let code = json!({ "code": code });
    eve.api.post("/v1/me/email/confirm", &code).await.problem(422);
    let me = ada.api.post("/v1/me/email/confirm", &code).await.expect(200);
    assert_eq!(me["email"], new.as_str());
    ada.api.post("/v1/me/email/confirm", &code).await.problem(422);
    sign_in(&ada.api, &new).await.expect(201);
    sign_in(&ada.api, &ada.email).await.problem(401);
}

#[tokio::test]
async fn an_address_that_somebody_has_is_not_given_away_nor_told_of() {
    let (ada, eve) = (Person::new("Ada").await, Person::new("Eve").await);
    eve.api
        .post("/v1/me/email", &json!({ "email": ada.email }))
        .await
        .expect(204);
    let mail = aws::mail_to(&ada.email, "has an account already").await;
    assert!(!mail.contains("mwe_"), "{mail}");
    assert_eq!(eve.api.get("/v1/me").await.expect(200)["email"], eve.email.as_str());
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
async fn signing_up_does_not_tell_who_has_an_account_and_changes_nothing_of_theirs() {
    let ada = Person::new("Ada").await;
    let api = Api::anonymous();
    let account = |email: &str| json!({ "email": email, "password": "Another-Horse-1", "name": "Another" });
    let new = format!("{}@example.com", unique("new"));
    let mut answers = Vec::new();
    for email in [&ada.email, &new] {
        let mut answer = api.post("/v1/accounts", &account(email)).await.expect(201);
        assert!(answer["id"].as_str().is_some_and(|id| id != ada.id), "{answer}");
        assert_eq!(answer["email"], email.as_str());
        (answer["id"], answer["email"]) = (json!("usr_"), json!(""));
        answers.push(answer);
    }
    assert_eq!(answers[0], answers[1]);
    let told = aws::mail_to(&ada.email, "has an account already").await;
    assert!(!told.contains("Another"), "a stranger's words are mailed: {told}");
    ada.again().await;
    assert_eq!(ada.api.get("/v1/me").await.expect(200)["name"], "Ada");
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
