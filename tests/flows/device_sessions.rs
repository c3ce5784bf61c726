//! Devices on their own: from the project's token to readings, registered or registering themselves.

use serde_json::{Value, json};
use tests::{Answer, Api, Device, Organization, aws, sample};

/// A project's path and token.
async fn project(acme: &Organization) -> (String, String) {
    let made = acme
        .owner
        .api
        .post(&acme.path("/projects"), &json!({ "name": "Line" }))
        .await;
    let path = made.header("location").to_owned();
    (path, made.expect(201)["token"].as_str().unwrap().to_owned())
}

async fn register(acme: &Organization, project: &str, hardware_id: u32) -> Value {
    let body = json!({ "name": "Press", "hardware_id": hardware_id });
    acme.owner
        .api
        .post(&format!("{project}/devices"), &body)
        .await
        .expect(201)
}

async fn ask(token: &str, who: &Value) -> Answer {
    let mut body = json!({ "project_token": token });
    body.as_object_mut().unwrap().extend(who.as_object().unwrap().clone());
    Api::anonymous().post("/v1/device-sessions", &body).await
}

fn with(session: &Value) -> Api {
    Api::anonymous().bearer(session["access_token"].as_str().unwrap())
}

fn readings() -> Value {
    json!({ "readings": [
        { "variable": "t", "time": "2026-01-02T03:04:05Z", "value": 20 },
        { "variable": "t", "time": "2026-01-02T03:04:06Z", "value": 22 },
    ] })
}

#[tokio::test]
async fn a_device_gets_a_session_and_uploads_for_itself_alone() {
    let acme = Organization::new("Acme").await;
    let (path, token) = project(&acme).await;
    let device = register(&acme, &path, 12345).await;
    let session = ask(&token, &json!({ "device": device["id"] })).await.expect(201);
    assert_eq!((&session["device"], &session["org"]), (&device["id"], &json!(acme.id)));
    assert_eq!(
        (session["token_type"].as_str(), session["expires_in"].as_i64()),
        (Some("Bearer"), Some(3600))
    );
    assert!(path.ends_with(session["project"].as_str().unwrap()));

    let own = with(&session);
    let me = own.get("/v1/device").await.expect(200);
    assert_eq!(
        (&me["device"], &me["hardware_id"], &me["name"]),
        (&device["id"], &json!(12345), &json!("Press"))
    );
    assert!(me["server_time"].is_string(), "{me}");

    let press = Device {
        path: acme.path(&format!("/devices/{}", device["id"].as_str().unwrap())),
        project: Some(path.clone()),
        api: acme.owner.api.clone(),
        org: acme.clone(),
    };
    let upload = own.post("/v1/device/readings", &readings()).await;
    assert_eq!(press.accepted(upload).added().await, 2);
    let report = format!("/v1/device/reports?received_at={}", tests::RECEIVED_AT);
    let upload = own
        .upload(&report, "application/octet-stream", sample("valid_small_16.bin"))
        .await;
    assert_eq!(press.accepted(upload).added().await, 16);
    let statistics = press.statistics("t", "window=1m").await;
    assert_eq!(
        (&statistics[0]["count"], &statistics[0]["mean"]),
        (&json!(2), &json!(21.0))
    );
    let other = own
        .upload(&report, "application/octet-stream", sample("wrong_device.bin"))
        .await;
    other.problem(404);
}

#[tokio::test]
async fn a_session_is_renewed_until_it_is_ended() {
    let acme = Organization::new("Acme").await;
    let (path, token) = project(&acme).await;
    let (one, two) = (register(&acme, &path, 1).await, register(&acme, &path, 2).await);
    let session = |device: &Value| {
        let (token, who) = (token.clone(), json!({ "hardware_id": device["hardware_id"] }));
        async move { ask(&token, &who).await.expect(201) }
    };
    let (first, other) = (session(&one).await, session(&two).await);
    let renewed = with(&first)
        .post("/v1/device-sessions/renewal", &json!({}))
        .await
        .expect(201);
    assert_eq!(renewed["device"], one["id"]);
    let ended = acme.path(&format!("/devices/{}/sessions", one["id"].as_str().unwrap()));
    acme.owner.api.delete(&ended).await.expect(204);
    for over in [&first, &renewed] {
        with(over).get("/v1/device").await.problem(401);
        with(over)
            .post("/v1/device-sessions/renewal", &json!({}))
            .await
            .problem(401);
    }
    with(&other).get("/v1/device").await.expect(200);
    let anew = session(&one).await;
    let renewed = with(&anew)
        .post("/v1/device-sessions/renewal", &json!({}))
        .await
        .expect(201);
    with(&renewed).get("/v1/device").await.expect(200);

    acme.owner.api.delete(&format!("{path}/sessions")).await.expect(204);
    for over in [&other, &anew, &renewed] {
        with(over).get("/v1/device").await.problem(401);
    }
    let last = session(&two).await;
    with(&last).get("/v1/device").await.expect(200);
    let device = format!("{path}/devices/{}", two["id"].as_str().unwrap());
    acme.owner.api.delete_version(&device, "\"1\"").await.expect(204);
    with(&last).get("/v1/device").await.problem(401);
    ask(&token, &json!({ "device": two["id"] })).await.problem(404);
}

#[tokio::test]
async fn a_projects_token_is_rotated_with_and_without_an_overlap() {
    let acme = Organization::new("Acme").await;
    let (path, first) = project(&acme).await;
    register(&acme, &path, 7).await;
    let who = json!({ "hardware_id": 7 });
    let rotate = async |body: Value| {
        let rotated = acme.owner.api.post(&format!("{path}/token"), &body).await.expect(201);
        rotated["token"].as_str().unwrap().to_owned()
    };
    let session = ask(&first, &who).await.expect(201);
    let second = rotate(json!({ "overlap_seconds": 3600 })).await;
    let (_, good) = (
        ask(&first, &who).await.expect(201),
        ask(&second, &who).await.expect(201),
    );
    let seen = acme.owner.api.get(&path).await.expect(200);
    assert!(
        seen["former_token_until"].is_string() && !seen.to_string().contains("mwp_"),
        "{seen}"
    );
    let third = rotate(json!({})).await;
    for old in [&first, &second] {
        ask(old, &who).await.problem(401);
    }
    ask(&third, &who).await.expect(201);
    for still in [&session, &good] {
        with(still).get("/v1/device").await.expect(200);
    }
    let fourth = rotate(json!({ "end_sessions": true })).await;
    for over in [&session, &good] {
        with(over).get("/v1/device").await.problem(401);
    }
    with(&ask(&fourth, &who).await.expect(201))
        .get("/v1/device")
        .await
        .expect(200);
    let body = json!({ "overlap_seconds": 604_801 });
    let detail = acme.owner.api.post(&format!("{path}/token"), &body).await.problem(422);
    assert!(detail.contains("/overlap_seconds"), "{detail}");
}

#[tokio::test]
async fn a_device_registers_itself_where_it_may_and_once() {
    let acme = Organization::new("Acme").await;
    let (path, token) = project(&acme).await;
    let who = json!({ "hardware_id": 4711, "name": "Saw" });
    let closed = ask(&token, &who).await.problem(404);
    assert!(closed.contains("self_registration"), "{closed}");
    let opened = acme
        .owner
        .api
        .patch(&path, "\"1\"", &json!({ "self_registration": true }))
        .await
        .expect(200);
    assert_eq!(opened["self_registration"], true);

    let all = futures::future::join_all((0..8).map(|_| ask(&token, &who))).await;
    let sessions: Vec<_> = all
        .into_iter()
        .filter(|answer| answer.status != 503)
        .map(|answer| answer.expect(201))
        .collect();
    assert!(!sessions.is_empty());
    let again = ask(&token, &who).await.expect(201);
    assert!(
        sessions.iter().all(|session| session["device"] == again["device"]),
        "{sessions:?}"
    );
    with(&again).post("/v1/device/readings", &readings()).await.expect(202);
    let devices = acme.owner.api.get(&format!("{path}/devices")).await.expect(200);
    assert_eq!(devices["items"].as_array().map(Vec::len), Some(1), "{devices}");
    assert_eq!(devices["items"][0]["name"], "Saw");
    let journal = acme
        .owner
        .api
        .get(&acme.path("/journal?action=device.registered_itself"))
        .await
        .expect(200);
    assert_eq!(journal["items"].as_array().map(Vec::len), Some(1), "{journal}");
    assert!(
        path.ends_with(journal["items"][0]["actor"].as_str().unwrap()),
        "{journal}"
    );

    // A full project takes no more.
    let id = path.rsplit('/').next().unwrap();
    let rows = aws::partition(&acme.table(), "PROJECT").await;
    let mut row = rows.into_iter().find(|row| row["sk"] == id).unwrap();
    row["devices"] = json!(10_000);
    aws::put(&acme.table(), &row).await;
    let full = ask(&token, &json!({ "hardware_id": 4712 })).await.problem(409);
    assert!(full.contains("10000"), "{full}");
    ask(&token, &who).await.expect(201);
}

#[tokio::test]
async fn a_token_that_is_not_good_gets_nothing_and_says_nothing() {
    let acme = Organization::new("Acme").await;
    let (path, token) = project(&acme).await;
    register(&acme, &path, 9).await;
    let (elsewhere, _) = project(&acme).await;
    let foreign = register(&acme, &elsewhere, 10).await;
    let (_, rival) = project(&Organization::new("Rival").await).await;
    let mut typo = token.clone();
    typo.replace_range(60..61, if typo[60..].starts_with('7') { "8" } else { "7" });
    let who = json!({ "hardware_id": 9 });
    for wrong in ["", "mwp_", "nonsense", &typo, &"m".repeat(100_000)] {
        ask(wrong, &who).await.problem(401);
    }
    for who in [&who, &json!({ "device": foreign["id"] })] {
        ask(&rival, who).await.problem(404);
    }
    ask(&token, &json!({ "device": foreign["id"] })).await.problem(404);
    ask(&token, &json!({ "hardware_id": 10 })).await.problem(404);
    for odd in [
        json!({}),
        json!({ "device": foreign["id"], "hardware_id": 9 }),
        json!({ "hardware_id": -1 }),
        json!({ "hardware_id": 9, "x": 1 }),
    ] {
        ask(&token, &odd).await.problem(422);
    }
    acme.owner.api.get("/v1/device").await.problem(403);
    let (_, key) = acme.key(&["telemetry.write"]).await;
    key.post("/v1/device/readings", &readings()).await.problem(403);
    acme.owner
        .api
        .post("/v1/device-sessions/renewal", &json!({}))
        .await
        .problem(403);
}

/// The name of the key that a session is signed with.
fn key_of(session: &Value) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let token = session["access_token"].as_str().unwrap();
    let header = URL_SAFE_NO_PAD
        .decode(token["mws_".len()..].split('.').next().unwrap())
        .unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_signing_key_is_rotated_and_nobody_notices() {
    let acme = Organization::new("Acme").await;
    let (path, token) = project(&acme).await;
    register(&acme, &path, 5).await;
    let who = json!({ "hardware_id": 5 });
    let before = ask(&token, &who).await.expect(201);
    let value = format!("a-new-random-value-of-the-secret-{}", acme.id);
    let put = json!({ "SecretId": "millwright-local/session-key", "SecretString": value });
    aws::call("secretsmanager.PutSecretValue", &put).await;

    // Whoever signs looks once a minute.
    let begun = std::time::Instant::now();
    let after = loop {
        let session = ask(&token, &who).await.expect(201);
        with(&session).get("/v1/device").await.expect(200);
        if key_of(&session) != key_of(&before) {
            break session;
        }
        assert!(begun.elapsed() < tests::PATIENCE * 3, "the new key is not signed with");
        tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    };
    for session in [&before, &after] {
        with(session).get("/v1/device").await.expect(200);
    }
    let published = aws::partition(aws::DIRECTORY, "SESSIONKEYS").await.remove(0);
    assert!(!published.to_string().contains(&value), "{published}");
}
