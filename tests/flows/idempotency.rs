//! A request that is sent again with its `Idempotency-Key` does its work once, and is answered as before.

use domain::idempotency::{IdempotencyKey, KeyedRequest, Target};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Api, Organization, Person, answer, aws, unique};

async fn post(api: &Api, path: &str, key: &str, body: &Value) -> Answer {
    let request = api.request(Method::POST, path).header("idempotency-key", key);
    answer(request.json(body)).await
}

/// What of an answer must be the same again.
fn essence(answer: &Answer) -> (u16, &str, &str, &str, &str) {
    let header = |name| answer.header(name);
    let (location, etag) = (header("location"), header("etag"));
    (answer.status, location, etag, header("content-type"), &answer.text)
}

#[track_caller]
fn assert_replayed(first: &Answer, again: &Answer) {
    assert_eq!(essence(again), essence(first));
    assert_eq!(
        (
            first.header("idempotency-replayed"),
            again.header("idempotency-replayed")
        ),
        ("", "true")
    );
}

async fn count(api: &Api, list: &str) -> usize {
    api.get(list).await.expect(200)["items"].as_array().unwrap().len()
}

/// The partition of the record of a request.
fn record_of(caller: &str, key: &str, path: &str, body: &Value) -> String {
    let key: IdempotencyKey = key.parse().unwrap();
    let body = body.to_string();
    let target = Target {
        method: "POST",
        path,
        query: "",
        body: body.as_bytes(),
    };
    format!(
        "IDEMPOTENCY#{}",
        KeyedRequest::new(caller.parse().unwrap(), &key, target).id()
    )
}

#[tokio::test]
async fn what_is_asked_for_twice_with_one_key_is_made_once() {
    let ada = Person::new("Ada").await;
    let (key, body) = (unique("org"), json!({ "name": "Acme" }));
    let first = post(&ada.api, "/v1/orgs", &key, &body).await;
    assert_replayed(&first, &post(&ada.api, "/v1/orgs", &key, &body).await);
    assert_eq!((first.status, count(&ada.api, "/v1/orgs").await), (202, 1));

    let acme = Organization::new("Acme").await;
    let devices = format!("{}/devices", acme.project("Line").await);
    let press = json!({ "name": "Press", "hardware_id": 7 });
    let first = post(&acme.owner.api, &devices, "press", &press).await;
    // The hardware id is taken by now, yet the request is not refused for its own success.
    assert_replayed(&first, &post(&acme.owner.api, &devices, "press", &press).await);
    assert_eq!((first.status, count(&acme.owner.api, &devices).await), (201, 1));
    assert!(first.header("location").starts_with(&devices), "{:?}", first.headers);
}

#[tokio::test]
async fn twenty_requests_at_once_with_one_key_make_one_thing() {
    let acme = Organization::new("Acme").await;
    let devices = format!("{}/devices", acme.project("Line").await);
    for (path, body) in [
        (acme.path("/projects"), json!({ "name": "Twenty" })),
        (devices, json!({ "name": "Press", "hardware_id": 7 })),
        (
            acme.path("/invitations"),
            json!({ "email": "bea@example.com", "role": "viewer" }),
        ),
    ] {
        let before = count(&acme.owner.api, &path).await;
        let mut requests = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (api, path, body) = (acme.owner.api.clone(), path.clone(), body.clone());
            requests.spawn(async move { post(&api, &path, "twenty", &body).await });
        }
        let answers = requests.join_all().await;
        let id = &answers[0].body["id"];
        let same = answers
            .iter()
            .filter(|answer| answer.status == 201 && answer.body["id"] == *id);
        assert_eq!(same.count(), 20, "{path}: {answers:#?}");
        let firsts = answers
            .iter()
            .filter(|answer| answer.header("idempotency-replayed").is_empty());
        assert_eq!(firsts.count(), 1, "{path}");
        assert_eq!(count(&acme.owner.api, &path).await, before + 1, "{path}");
    }
}

#[tokio::test]
async fn a_key_belongs_to_one_caller_and_one_request() {
    let acme = Organization::new("Acme").await;
    let (projects, body) = (acme.path("/projects"), json!({ "name": "Line" }));
    let first = post(&acme.owner.api, &projects, "k", &body).await.expect(201);

    let detail = post(&acme.owner.api, &projects, "k", &json!({ "name": "Other" })).await;
    assert_eq!(detail.body["type"], "urn:millwright:problem:idempotency-key-reused");
    assert!(detail.problem(422).contains("new key"));

    let manager = acme.member("manager").await;
    let (_, program) = acme.key(&["fleet.write"]).await;
    for api in [&manager.api, &program] {
        let theirs = post(api, &projects, "k", &body).await;
        assert_eq!(theirs.header("idempotency-replayed"), "");
        assert_ne!(theirs.expect(201)["id"], first["id"]);
    }
    assert_eq!(count(&acme.owner.api, &projects).await, 3);

    for bad in ["two words", &"k".repeat(256)] {
        let detail = post(&acme.owner.api, &projects, bad, &body).await.problem(400);
        assert!(detail.contains("idempotency-key"), "{bad:?}: {detail}");
    }
    assert_eq!(count(&acme.owner.api, &projects).await, 3);

    // Whoever has lost the right is told nothing, not even their own answer.
    acme.owner
        .api
        .delete(&acme.path(&format!("/members/{}", manager.id)))
        .await
        .expect(204);
    post(&manager.api, &projects, "k", &body).await.problem(404);
}

#[tokio::test]
async fn a_secret_is_neither_stored_nor_shown_again() {
    let acme = Organization::new("Acme").await;
    let owner = &acme.owner;
    for (path, body, secret, table) in [
        (acme.path("/projects"), json!({ "name": "Line" }), "token", acme.table()),
        (
            acme.path("/api-keys"),
            json!({ "name": "gateway", "scopes": ["org.read"] }),
            "secret",
            aws::DIRECTORY.to_owned(),
        ),
        (
            acme.path("/invitations"),
            json!({ "email": "bea@example.com", "role": "viewer" }),
            "token",
            aws::DIRECTORY.to_owned(),
        ),
    ] {
        let first = post(&owner.api, &path, "secretive", &body).await;
        let shown = first.text_of(secret);
        let again = post(&owner.api, &path, "secretive", &body).await;
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(
            (again.status, again.header("location")),
            (201, first.header("location"))
        );
        assert_eq!(again.body["id"], first.body["id"]);
        assert!(
            again.body[secret].is_null() && again.text_of("notice").contains("rotate"),
            "{}",
            again.text
        );
        assert_replayed_alike(&again, &post(&owner.api, &path, "secretive", &body).await);

        let rows = aws::partition(&table, &record_of(&owner.id, "secretive", &path, &body)).await;
        assert_eq!(rows.len(), 1, "{path}");
        let row = rows[0].to_string();
        let hidden = shown.get(shown.len() - 39..).unwrap();
        assert!(!row.contains(hidden) && !row.contains("secretive"), "{row}");
        assert_eq!(rows[0]["answer"]["body"], again.text);
        let left = rows[0]["expires_at"].as_i64().unwrap() - now();
        assert!((23 * 3600..=24 * 3600).contains(&left), "{left} s");
    }
}

/// The same of two replays.
#[track_caller]
fn assert_replayed_alike(one: &Answer, other: &Answer) {
    assert_eq!(essence(one), essence(other));
}

fn now() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "the cloud of the test runs by the clock")]
    jiff::Timestamp::now().as_second()
}

#[tokio::test]
async fn a_key_counts_for_a_day_even_where_its_record_is_still_there() {
    let acme = Organization::new("Acme").await;
    let (projects, body) = (acme.path("/projects"), json!({ "name": "Line" }));
    let first = post(&acme.owner.api, &projects, "k", &body).await.expect(201);
    let record = record_of(&acme.owner.id, "k", &projects, &body);
    let aged = json!({
        "TableName": acme.table(),
        "Key": { "pk": { "S": record }, "sk": { "S": "META" } },
        "UpdateExpression": "SET expires_at = :past",
        "ExpressionAttributeValues": { ":past": { "N": (now() - 1).to_string() } },
    });
    aws::call("DynamoDB_20120810.UpdateItem", &aged).await;
    let second = post(&acme.owner.api, &projects, "k", &body).await;
    assert_eq!(second.header("idempotency-replayed"), "");
    let second = second.expect(201);
    assert_ne!(second["id"], first["id"]);
    assert_eq!(
        post(&acme.owner.api, &projects, "k", &body).await.expect(201)["id"],
        second["id"]
    );
    assert_eq!(count(&acme.owner.api, &projects).await, 2);
}

#[tokio::test]
async fn whoever_joined_is_told_so_again() {
    let acme = Organization::new("Acme").await;
    let bea = Person::new("Bea").await;
    let invited = json!({ "email": bea.email, "role": "viewer" });
    let token = acme
        .owner
        .api
        .post(&acme.path("/invitations"), &invited)
        .await
        .text_of("token");
    let accept = format!("/v1/invitations/{token}/accept");
    let first = post(&bea.api, &accept, "join", &json!({})).await;
    assert_replayed(&first, &post(&bea.api, &accept, "join", &json!({})).await);
    assert_eq!(first.expect(200), json!({ "org": acme.id, "role": "viewer" }));
    bea.api.post(&accept, &json!({})).await.problem(404);
    post(&acme.owner.api, &accept, "join", &json!({})).await.problem(404);
}
