//! API keys in their life: changed, rotated, bound to networks, seen to be used.

use serde_json::{Value, json};
use tests::{Answer, Api, Organization, aws};

/// Makes a key; its path and the whole answer.
async fn made(acme: &Organization, body: &Value) -> (String, Value) {
    let made = acme.owner.api.post(&acme.path("/api-keys"), body).await;
    let location = made.header("location").to_owned();
    (location, made.expect(201))
}

fn with_secret(answer: &Value) -> Api {
    Api::anonymous().key(answer["secret"].as_str().unwrap())
}

async fn rotate(acme: &Organization, path: &str, overlap: u32) -> Answer {
    let body = json!({ "overlap_seconds": overlap });
    acme.owner.api.post(&format!("{path}/rotation"), &body).await
}

#[tokio::test]
async fn a_rotated_key_has_two_good_secrets_until_the_overlap_ends() {
    let acme = Organization::new("Acme").await;
    let (path, first) = made(&acme, &json!({ "name": "k", "scopes": ["fleet.read"] })).await;
    let second = rotate(&acme, &path, 3600).await.expect(201);
    assert_eq!(second["id"], first["id"]);
    let (old, new) = (with_secret(&first), with_secret(&second));
    for key in [&old, &new] {
        key.get(&acme.path("/projects")).await.expect(200);
    }

    // The time of the overlap, over: moved in the row, as nobody waits an hour.
    let row = format!("KEY#{}", first["id"].as_str().unwrap());
    let mut stored = aws::partition(aws::DIRECTORY, &row).await.remove(0);
    assert!(!stored.to_string().contains("mwk_"), "{stored}");
    stored["former"]["until"] = json!("2001-01-01T00:00:00Z");
    aws::put(aws::DIRECTORY, &stored).await;
    old.get(&acme.path("/projects")).await.problem(401);
    new.get(&acme.path("/projects")).await.expect(200);

    let third = with_secret(&rotate(&acme, &path, 0).await.expect(201));
    new.get(&acme.path("/projects")).await.problem(401);
    let fourth = with_secret(&rotate(&acme, &path, 60).await.expect(201));
    acme.owner.api.delete(&path).await.expect(204);
    for revoked in [third, fourth] {
        revoked.get(&acme.path("/projects")).await.problem(401);
    }
    rotate(&acme, &path, 0).await.problem(404);
}

#[tokio::test]
async fn a_rotation_asked_for_twice_is_made_once_and_shows_no_secret_again() {
    let acme = Organization::new("Acme").await;
    let (path, _) = made(&acme, &json!({ "name": "k", "scopes": ["fleet.read"] })).await;
    let ask = async || {
        let request = acme
            .owner
            .api
            .request(reqwest::Method::POST, &format!("{path}/rotation"));
        tests::answer(request.header("idempotency-key", "r1").json(&json!({}))).await
    };
    let first = ask().await.expect(201);
    let again = ask().await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    let again = again.expect(201);
    assert!(again["secret"].is_null() && again["notice"].is_string(), "{again}");
    with_secret(&first).get(&acme.path("/projects")).await.expect(200);
    let seen = acme.owner.api.get(&path).await;
    assert_eq!(seen.header("etag"), "\"2\"", "{}", seen.text);
}

#[tokio::test]
async fn a_key_bound_to_networks_is_a_bad_one_elsewhere() {
    let acme = Organization::new("Acme").await;
    let body = json!({ "name": "k", "scopes": ["fleet.read"], "networks": ["203.0.113.0/24"] });
    let (path, key) = made(&acme, &body).await;
    let client = with_secret(&key);
    let elsewhere = client.get(&acme.path("/projects")).await;
    let bad = Api::anonymous().key("mwk_nonsense").get(&acme.path("/projects")).await;
    assert_eq!(elsewhere.body, bad.body);
    elsewhere.problem(401);
    let lying = client.request(reqwest::Method::GET, &acme.path("/projects"));
    tests::answer(lying.header("x-forwarded-for", "203.0.113.7"))
        .await
        .problem(401);

    let here = json!({ "networks": ["127.0.0.0/8", "::1/128"] });
    let changed = acme.owner.api.patch(&path, "\"1\"", &here).await.expect(200);
    assert_eq!(changed["networks"], here["networks"]);
    client.get(&acme.path("/projects")).await.expect(200);
    let many: Vec<_> = (0..21).map(|n| format!("10.0.{n}.0/24")).collect();
    for wrong in [
        json!(["10.0.0.1/8"]),
        json!(["10.0.0.0"]),
        json!(["x"]),
        json!([1]),
        json!("10.0.0.0/8"),
        json!(many),
    ] {
        let body = json!({ "networks": wrong });
        let detail = acme.owner.api.patch(&path, "\"2\"", &body).await.problem(422);
        assert!(detail.contains("/networks"), "{detail}");
    }
}

#[tokio::test]
async fn a_key_is_changed_by_version_and_says_when_it_was_used() {
    let acme = Organization::new("Acme").await;
    let (path, key) = made(&acme, &json!({ "name": "k", "scopes": ["fleet.read"] })).await;
    let api = &acme.owner.api;
    assert_eq!(api.get(&path).await.expect(200)["last_used_at"], Value::Null);
    with_secret(&key).get(&acme.path("/projects")).await.expect(200);
    let used = api.get(&path).await.expect(200)["last_used_at"].clone();
    assert!(used.is_string(), "{used}");
    let listed = api.get(&acme.path("/api-keys")).await.expect(200);
    assert_eq!(listed["items"][0]["last_used_at"], used);
    assert!(!listed.to_string().contains("mwk_"), "{listed}");

    let end = json!("2101-01-01T00:00:00Z");
    let changes = json!({ "name": "n", "scopes": ["task.read", "task.read"], "expires_at": end });
    api.patch(&path, "\"2\"", &changes).await.problem(412);
    let changed = api.patch(&path, "\"1\"", &changes).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let changed = changed.expect(200);
    assert_eq!(
        (&changed["scopes"], &changed["expires_at"]),
        (&json!(["task.read"]), &end)
    );
    assert_eq!(changed["last_used_at"], used);
    with_secret(&key).get(&acme.path("/projects")).await.problem(403);
    with_secret(&key).get(&acme.path("/tasks")).await.expect(200);
    let endless = api
        .patch(&path, "\"2\"", &json!({ "expires_at": null }))
        .await
        .expect(200);
    assert_eq!(endless["expires_at"], Value::Null);
    for (wrong, said) in [
        (json!({}), "must say"),
        (json!({ "scopes": ["key.manage"] }), "/scopes/0"),
        (json!({ "expires_at": "2001-01-01T00:00:00Z" }), "/expires_at"),
    ] {
        let detail = api.patch(&path, "\"3\"", &wrong).await.problem(422);
        assert!(detail.contains(said), "{detail}");
    }
    let journal = api.get(&acme.path("/journal?action=api_key.updated")).await.expect(200);
    assert_eq!(journal["items"].as_array().map(Vec::len), Some(2), "{journal}");
}
