//! Passwords: the rules, and another one while signed in.

use serde_json::{Value, json};
use tests::{Api, Person, aws, sign_in, unique};

/// Where and what a refused body is told to change.
fn errors(body: &Value) -> Vec<(&str, &str)> {
    let errors = body["errors"].as_array().unwrap().iter();
    errors
        .map(|error| (error["pointer"].as_str().unwrap(), error["detail"].as_str().unwrap()))
        .collect()
}

#[tokio::test]
async fn each_broken_rule_is_an_error_of_its_own_wherever_a_password_is_chosen() {
    let ada = Person::new("Ada").await;
    let address = format!("{}@example.com", unique("very.long.name"));
    let sign_up = |password: &str| json!({ "email": address, "password": password, "name": "Ada" });
    let reset = |password: &str| json!({ "email": address, "code": "123456", "password": password });
    let change = |password: &str| json!({ "current": "Correct-Horse-1", "new": password });
    let own = address.to_uppercase();
    let cases: [(&str, &[&str]); 3] = [
        (
            " \t",
            &[
                "must have at least 12 characters",
                "must not hold control characters",
                "must not begin or end with white space",
            ],
        ),
        ("zzzzzzzzzzzzzz", &["must not be one character again and again"]),
        (&own, &["must not be your address"]),
    ];
    for (password, rules) in cases {
        let at = |pointer| rules.iter().map(|rule| (pointer, *rule)).collect::<Vec<_>>();
        let api = Api::anonymous();
        let answer = api.post("/v1/accounts", &sign_up(password)).await.expect(422);
        assert_eq!(errors(&answer), at("/password"));
        let answer = api
            .post("/v1/password-resets/confirm", &reset(password))
            .await
            .expect(422);
        assert_eq!(errors(&answer), at("/password"));
        if password != own {
            let answer = ada.api.post("/v1/me/password", &change(password)).await.expect(422);
            assert_eq!(errors(&answer), at("/new"));
        }
    }
}

#[tokio::test]
async fn a_changed_password_ends_every_other_sign_in_and_its_owner_is_told() {
    let phone = Person::new("Ada").await;
    let laptop = phone.again().await;
    let change = |current: &str| json!({ "current": current, "new": "Another-Horse-1" });
    let detail = phone
        .api
        .post("/v1/me/password", &change("Wrong-Horse-12"))
        .await
        .problem(422);
    assert!(detail.contains("/current"), "{detail}");
    laptop.api.get("/v1/me").await.expect(200);

    phone
        .api
        .post("/v1/me/password", &change("Correct-Horse-1"))
        .await
        .expect(204);
    phone.api.get("/v1/me").await.expect(200);
    laptop.api.get("/v1/me").await.problem(401);
    let refresh = |person: &Person| json!({ "refresh_token": person.session["refresh_token"] });
    let api = Api::anonymous();
    api.post("/v1/sessions/refresh", &refresh(&laptop)).await.problem(401);
    api.post("/v1/sessions/refresh", &refresh(&phone)).await.expect(200);
    aws::mail_to(&phone.email, "has changed its password").await;

    sign_in(&api, &phone.email).await.problem(401);
    let new = json!({ "email": phone.email, "password": "Another-Horse-1" });
    let tablet = api.post("/v1/sessions", &new).await.expect(201);
    // Signing out everywhere means everywhere.
    phone.api.delete("/v1/sessions").await.expect(204);
    phone.api.get("/v1/me").await.problem(401);
    api.bearer(tablet["access_token"].as_str().unwrap())
        .get("/v1/me")
        .await
        .problem(401);
}

#[tokio::test]
async fn a_confirmation_is_sent_again_without_telling_who_has_an_account() {
    let ada = Person::new("Ada").await;
    let new = format!("{}@example.com", unique("new"));
    let account = json!({ "email": new, "password": "Correct-Horse-1", "name": "New" });
    let api = Api::anonymous();
    api.post("/v1/accounts", &account).await.expect(201);
    for email in [&ada.email, &new, &format!("{}@example.com", unique("nobody"))] {
        let again = json!({ "email": email });
        api.post("/v1/accounts/confirm/resend", &again).await.expect(204);
        api.post("/v1/password-resets", &again).await.expect(204);
    }
    api.post("/v1/accounts/confirm", &json!({ "email": new, "code": "123456" }))
        .await
        .expect(204);
    sign_in(&api, &new).await.expect(201);
}
