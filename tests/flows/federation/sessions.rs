//! Who comes in through a provider, and how long they stay.

use super::cloud::{Ground, OIDC, SAML};
use super::provider::Who;
use serde_json::json;

pub async fn a_person_comes_back_as_who_they_are(ground: &Ground) {
    let providers = ground.api.get("/v1/identity-providers").await.expect(200);
    let expected = [
        json!({ "name": OIDC, "kind": "oidc" }),
        json!({ "name": SAML, "kind": "saml" }),
    ];
    assert_eq!(providers, json!({ "items": expected, "next": null }));

    let who = Who::new("ada", &[]);
    let ada = ground.sign_in(&who).await;
    let me = ada.api.get("/v1/me").await.expect(200);
    assert_eq!((&me["name"], &me["status"]), (&json!("Ada Lovelace"), &json!("active")));
    assert_eq!(ada.email, who.email);
    assert_eq!(ground.sign_in(&who).await.id, ada.id);

    // The address follows what the provider tells.
    let moved = Who {
        email: format!("new-{}", who.email),
        ..who
    };
    let again = ground.sign_in(&moved).await;
    assert_eq!((again.id, again.email), (ada.id.clone(), moved.email));
    let change = json!({ "email": "elsewhere@example.com" });
    let detail = ada.api.post("/v1/me/email", &change).await.problem(409);
    assert!(detail.contains("identity provider"), "{detail}");
}

pub async fn whatever_ends_sign_ins_ends_these(ground: &Ground) {
    let who = Who::new("bea", &[]);
    let bea = ground.sign_in(&who).await;
    let refresh = json!({ "refresh_token": bea.session["refresh_token"] });
    let refreshed = ground.api.post("/v1/sessions/refresh", &refresh).await.expect(200);
    assert_eq!(refreshed["refresh_token"], bea.session["refresh_token"]);
    assert_eq!(ground.person(refreshed).await.id, bea.id);
    // It is of another client than one of a password, and counts as nothing there.
    let token = bea.session["refresh_token"]
        .as_str()
        .unwrap()
        .trim_start_matches("idp.");
    let bare = json!({ "refresh_token": token });
    ground.api.post("/v1/sessions/refresh", &bare).await.problem(401);

    bea.api.delete("/v1/sessions/current").await.expect(204);
    bea.api.get("/v1/me").await.problem(401);
    ground.api.post("/v1/sessions/refresh", &refresh).await.problem(401);

    let [one, other] = [ground.sign_in(&who).await, ground.sign_in(&who).await];
    one.api.delete("/v1/sessions").await.expect(204);
    other.api.get("/v1/me").await.problem(401);
    let refresh = json!({ "refresh_token": other.session["refresh_token"] });
    ground.api.post("/v1/sessions/refresh", &refresh).await.problem(401);
    ground.sign_in(&who).await.api.get("/v1/me").await.expect(200);
}
