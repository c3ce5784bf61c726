//! An organisation's data are put back to what they were.

use domain::journal::{Entry, Head};
use serde_json::{Value, json};
use tests::{Device, Organization, aws, finished, sample};

/// The name of the organisation's table of that generation.
fn table(org: &Organization, generation: u32) -> String {
    format!("{}{generation}", org.table().trim_end_matches('1'))
}

/// Everything of the press that its owner can see.
async fn state(press: &Device) -> Vec<Value> {
    let mut state = Vec::new();
    for below in ["/projects", "/members", "/api-keys"] {
        state.push(press.api.get(&press.org.path(below)).await.expect(200));
    }
    state.push(json!(press.streams().await));
    for variable in press.streams().await {
        state.push(json!(press.all_readings(&variable, "").await));
    }
    state
}

/// The actions in a table's journal, after a check of every link.
async fn journal(table: &str) -> Vec<String> {
    let mut head = Head::default();
    let mut actions = Vec::new();
    for item in aws::partition(table, "JOURNAL").await {
        let entry: Entry = serde_json::from_value(item).unwrap();
        assert_eq!((entry.sequence, &entry.previous), (head.sequence + 1, &head.hash));
        assert_eq!(entry.compute_hash(), entry.hash, "{entry:?}");
        (head.sequence, head.hash) = (entry.sequence, entry.hash);
        actions.push(entry.action);
    }
    actions
}

async fn tables() -> Vec<String> {
    let mut names = Vec::new();
    let mut request = json!({});
    loop {
        let page = aws::call("DynamoDB_20120810.ListTables", &request).await.body;
        let found = page["TableNames"].as_array().unwrap().iter();
        names.extend(found.map(|name| name.as_str().unwrap().to_owned()));
        match &page["LastEvaluatedTableName"] {
            Value::Null => return names,
            last => request = json!({ "ExclusiveStartTableName": last }),
        }
    }
}

#[tokio::test]
async fn an_organization_is_restored_and_nobody_reaches_it_meanwhile() {
    let press = Organization::new("Acme").await.device(12345).await;
    press.report(sample("valid_small_16.bin")).await.added().await;
    let (acme, api) = (press.org.clone(), press.api.clone());
    let before = state(&press).await;
    let told = journal(&table(&acme, 1)).await;
    let at = api.get(&acme.path("")).await.expect(200)["created_at"].clone();

    let accepted = api.post(&acme.path("/restores"), &json!({ "at": at })).await;
    let location = accepted.header("location").to_owned();
    assert_eq!(accepted.expect(202)["status"], "restoring");
    for path in [acme.path("/projects"), format!("{}/streams", press.path)] {
        assert!(api.get(&path).await.problem(409).contains("restoring"), "{path}");
    }
    let readings = json!({ "readings": [{ "variable": "t", "time": "2026-01-02T03:04:05Z", "value": 1 }] });
    api.post(&format!("{}/readings", press.path), &readings)
        .await
        .problem(409);
    api.post(&acme.path("/restores"), &json!({ "at": at }))
        .await
        .problem(409);
    api.delete(&acme.path("")).await.problem(409);

    let done = finished(&api, &location).await;
    assert_eq!(
        (&done["status"], &done["result"]["generation"]),
        (&json!("succeeded"), &json!(2)),
        "{done}"
    );
    assert!(done["result"]["items"].as_u64().unwrap() >= 5, "{done}");
    assert_eq!(state(&press).await, before);
    // The emulator's backup is what is there now, the request included.
    let now = [
        told,
        vec!["organization.restore_requested".into(), "organization.restored".into()],
    ]
    .concat();
    assert_eq!(journal(&table(&acme, 2)).await, now);
    press.readings(&readings["readings"]).await.added().await;
    assert!(press.streams().await.contains(&"t".to_owned()));
    what_is_left_goes_with_the_organization(&acme).await;
}

/// The generation before stays for a week; the table by the way is gone, and everything goes with the organisation.
async fn what_is_left_goes_with_the_organization(acme: &Organization) {
    let of_acme = async || {
        let prefix = table(acme, 1).trim_end_matches('1').to_owned();
        let mut tables = tables().await;
        tables.retain(|name| name.starts_with(&prefix));
        tables
    };
    assert_eq!(of_acme().await, [table(acme, 1), table(acme, 2)]);
    let api = &acme.owner.api;
    let tasks = api
        .get(&acme.path("/tasks?kind=organization.clear_generation"))
        .await
        .expect(200);
    assert_eq!(tasks["items"][0]["status"], "queued", "{tasks}");
    assert!(tasks["items"][0]["due"].is_string(), "{tasks}");
    assert_eq!(acme.delete().await["status"], "succeeded");
    assert_eq!(of_acme().await, Vec::<String>::new());
}

#[tokio::test]
async fn what_cannot_be_restored_is_said_at_once() {
    let acme = Organization::new("Acme").await;
    let api = &acme.owner.api;
    let path = acme.path("/restores");
    for at in ["2001-01-01T00:00:00Z", "2999-01-01T00:00:00Z"] {
        assert!(api.post(&path, &json!({ "at": at })).await.problem(422).contains("/at"));
    }
    api.post(&path, &json!({})).await.problem(422);
    api.post(&path, &json!({ "at": "yesterday" })).await.problem(422);
    let admin = acme.member("admin").await;
    let body = json!({ "at": "2026-01-02T03:04:05Z" });
    admin.api.post(&path, &body).await.problem(403);
    assert_eq!(api.get(&acme.path("")).await.expect(200)["status"], "active");
}

#[tokio::test]
async fn a_restore_that_fails_leaves_everything_as_it_was() {
    let press = Organization::new("Acme").await.device(12345).await;
    press.report(sample("valid_small_16.bin")).await.added().await;
    let (acme, api) = (press.org.clone(), press.api.clone());
    let before = state(&press).await;
    // A journal that somebody with access to the table has tampered with.
    let mut forged = aws::partition(&acme.table(), "JOURNAL").await.remove(0);
    forged["actor"] = json!("usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC");
    aws::put(&acme.table(), &forged).await;

    let at = api.get(&acme.path("")).await.expect(200)["created_at"].clone();
    let accepted = api.post(&acme.path("/restores"), &json!({ "at": at })).await;
    let location = accepted.header("location").to_owned();
    accepted.expect(202);
    let failed = finished(&api, &location).await;
    assert_eq!(failed["status"], "failed", "{failed}");
    assert!(failed["error"].as_str().unwrap().contains("journal"), "{failed}");
    assert_eq!(api.get(&acme.path("")).await.expect(200)["status"], "active");
    assert_eq!(state(&press).await, before);

    // Tried again it takes another generation, and the organisation is closed again.
    let again = api.post(&format!("{location}/retry"), &json!({})).await;
    again.expect(202);
    api.get(&acme.path("/projects")).await.problem(409);
    assert_eq!(finished(&api, &location).await["status"], "failed");
    let cleared = api
        .get(&acme.path("/tasks?kind=organization.clear_generation"))
        .await
        .expect(200);
    assert_eq!(cleared["items"].as_array().map(Vec::len), Some(2), "{cleared}");
    assert_eq!(state(&press).await, before);
}
