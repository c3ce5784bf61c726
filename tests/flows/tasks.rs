//! Tasks as their askers see them: listed, retried, called off, told of.

use serde_json::{Value, json};
use std::time::Instant;
use tests::{Organization, PATIENCE, aws, finished};

/// A task's row in some state, put there as an earlier run of the system would have left it; its path.
async fn task(acme: &Organization, n: u32, changes: Value) -> String {
    let id = format!("tsk_01KAF2Z7M0V8Q4J3T6B9N{n:05}");
    let mut row = json!({
        "pk": format!("ORG#{}", acme.id), "sk": format!("TASK#{id}"), "id": id, "org": acme.id, "kind": "device.purge",
        "input": { "device": "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC" }, "status": "queued", "revision": 7, "attempts": 0,
        "requested_by": acme.owner.id, "created_at": "2026-11-01T00:00:00Z", "run_at": "2026-11-01T00:00:00Z",
        "touched_at": "2026-11-01T00:00:00Z",
    });
    for (name, value) in changes.as_object().unwrap() {
        row[name] = value.clone();
    }
    aws::put(aws::DIRECTORY, &row).await;
    acme.path(&format!("/tasks/{id}"))
}

fn failed() -> Value {
    json!({ "status": "failed", "error": "busy", "finished_at": "2026-11-01T00:01:00Z", "attempts": 5 })
}

#[tokio::test]
async fn a_task_that_failed_is_retried_and_done() {
    let acme = Organization::new("Acme").await;
    let path = task(&acme, 1, failed()).await;
    let accepted = acme.owner.api.post(&format!("{path}/retry"), &json!({})).await;
    assert_eq!(accepted.header("location"), path);
    let queued = accepted.expect(202);
    assert_eq!((&queued["status"], &queued["error"]), (&json!("queued"), &Value::Null));
    let done = finished(&acme.owner.api, &path).await;
    assert_eq!(
        (&done["status"], &done["attempts"]),
        (&json!("succeeded"), &json!(1)),
        "{done}"
    );
    let attempts = done["attempts_log"].as_array().unwrap();
    assert!(attempts.len() == 1 && attempts[0]["ended_at"].is_string(), "{done}");
    let detail = acme
        .owner
        .api
        .post(&format!("{path}/retry"), &json!({}))
        .await
        .problem(409);
    assert!(detail.contains("succeeded"), "{detail}");
    let journal = aws::partition(&acme.table(), "JOURNAL").await;
    let told = journal.iter().filter(|entry| entry["action"] == "task.retried");
    assert_eq!(told.count(), 1);
}

#[tokio::test]
async fn what_cannot_be_retried_or_called_off_says_why() {
    let acme = Organization::new("Acme").await;
    let api = &acme.owner.api;
    let leased = json!({ "status": "running", "attempts": 1, "lease": "2099-01-01T00:00:00Z" });
    let running = task(&acme, 2, leased).await;
    assert!(
        api.post(&format!("{running}/retry"), &json!({}))
            .await
            .problem(409)
            .contains("running")
    );
    let asked = api.post(&format!("{running}/cancel"), &json!({})).await.expect(202);
    assert_eq!(
        (&asked["status"], &asked["cancel_requested"]),
        (&json!("running"), &json!(true))
    );

    let ended = task(&acme, 3, failed()).await;
    assert!(
        api.post(&format!("{ended}/cancel"), &json!({}))
            .await
            .problem(409)
            .contains("failed already")
    );
    let mut begun = json!({ "kind": "organization.delete", "input": {} });
    begun["status"] = json!("running");
    begun["attempts"] = json!(1);
    begun["lease"] = json!("2099-01-01T00:00:00Z");
    let begun = task(&acme, 4, begun).await;
    assert!(
        api.post(&format!("{begun}/cancel"), &json!({}))
            .await
            .problem(409)
            .contains("half done")
    );
    let mut newer = failed();
    newer["kind"] = json!("device.beam");
    let newer = task(&acme, 5, newer).await;
    assert!(
        api.post(&format!("{newer}/retry"), &json!({}))
            .await
            .problem(409)
            .contains("does not know")
    );

    let press = acme.device(12345).await;
    let upload = press
        .readings(&json!([{ "variable": "t", "time": "2026-01-02T03:04:05Z", "value": 1 }]))
        .await;
    assert!(
        api.post(&format!("{}/retry", upload.location), &json!({}))
            .await
            .problem(409)
            .contains("send it again")
    );
    let rival = Organization::new("Rival").await;
    rival
        .owner
        .api
        .post(&format!("{ended}/retry"), &json!({}))
        .await
        .problem(404);
    let elsewhere = ended.replace(&acme.id, &rival.id);
    rival
        .owner
        .api
        .post(&format!("{elsewhere}/cancel"), &json!({}))
        .await
        .problem(404);
}

#[tokio::test]
async fn a_deletion_that_is_called_off_in_time_leaves_the_organization_as_it_was() {
    let acme = Organization::new("Acme").await;
    acme.project("Line").await;
    // As a deletion lies there whose message has not come to a worker yet.
    let path = task(&acme, 6, json!({ "kind": "organization.delete", "input": {} })).await;
    let id = path.rsplit('/').next().unwrap();
    let pk = format!("ORG#{}", acme.id);
    let mut row = aws::partition(aws::DIRECTORY, &pk)
        .await
        .into_iter()
        .find(|row| row["sk"] == "META")
        .unwrap();
    row["status"] = json!("deleting");
    row["task"] = json!(id);
    aws::put(aws::DIRECTORY, &row).await;

    acme.owner
        .api
        .post(&format!("{path}/cancel"), &json!({}))
        .await
        .expect(202);
    assert_eq!(finished(&acme.owner.api, &path).await["status"], "cancelled");
    assert_eq!(acme.owner.api.get(&acme.path("")).await.expect(200)["status"], "active");
    assert_eq!(
        acme.owner.api.get(&acme.path("/projects")).await.expect(200)["items"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn tasks_are_listed_by_state_kind_and_age() {
    let acme = Organization::new("Acme").await;
    for n in 10..15 {
        task(&acme, n, failed()).await;
    }
    task(
        &acme,
        15,
        json!({ "status": "succeeded", "finished_at": "2026-11-01T00:01:00Z", "expires_at": 1 }),
    )
    .await;
    let api = &acme.owner.api;
    let listed = async |query: &str| {
        let page = api.get(&acme.path(&format!("/tasks?{query}"))).await.expect(200);
        let kinds = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|task| task["kind"].as_str().unwrap().to_owned());
        kinds.collect::<Vec<_>>()
    };
    assert_eq!(listed("").await.len(), 6, "what has expired is not listed");
    assert_eq!(listed("status=failed").await, vec!["device.purge"; 5]);
    assert_eq!(listed("status=failed&limit=2").await.len(), 2);
    assert_eq!(listed("kind=organization.create").await, ["organization.create"]);
    assert_eq!(
        listed("created_after=2026-11-02T00:00:00Z").await,
        ["organization.create"]
    );
    assert!(listed("kind=organization.delete").await.is_empty());
    assert!(listed("parent=tsk_01KAF2Z7M0V8Q4J3T6B9N00010").await.is_empty());
    for wrong in ["kind=nonsense", "status=lost", "created_after=yesterday", "colour=red"] {
        api.get(&acme.path(&format!("/tasks?{wrong}"))).await.problem(400);
    }
}

#[tokio::test]
async fn what_a_deleted_device_leaves_is_deleted_once() {
    let press = Organization::new("Acme").await.device(12345).await;
    press.report(tests::sample("valid_small_16.bin")).await.added().await;
    let id = press.path.rsplit('/').next().unwrap();
    let table = press.org.table();
    let blocks = format!("BLOCK#{id}#5001");
    assert!(!aws::partition(&table, &blocks).await.is_empty());
    let api = &press.api;
    let project = api.get(&press.org.path("/projects")).await.expect(200)["items"][0]["id"].clone();
    let path = press
        .org
        .path(&format!("/projects/{}/devices/{id}", project.as_str().unwrap()));
    let etag = api.get(&path).await.header("etag").to_owned();
    api.delete_version(&path, &etag).await.expect(204);

    let tasks = api.get(&press.org.path("/tasks?kind=device.purge")).await.expect(200);
    let task = press
        .org
        .path(&format!("/tasks/{}", tasks["items"][0]["id"].as_str().unwrap()));
    assert_eq!(finished(api, &task).await["status"], "succeeded");
    for partition in [blocks, format!("EVENT#{id}"), format!("DEVICE#{id}")] {
        assert!(aws::partition(&table, &partition).await.is_empty(), "{partition}");
    }
    let journal = aws::partition(&table, "JOURNAL").await;
    let purged = journal.iter().filter(|entry| entry["action"] == "device.purged");
    assert_eq!(purged.count(), 1);
    aws::until_sent(&press.org.id).await;
}

/// A kind that only a newer version knows: the message is laid with the dead, the row says why, and its asker is mailed, once.
#[tokio::test]
async fn a_task_that_fails_for_good_is_told_of() {
    let acme = Organization::new("Acme").await;
    let path = task(&acme, 20, json!({ "kind": "device.beam" })).await;
    let id = path.rsplit('/').next().unwrap();
    for _ in 0..2 {
        aws::send("tasks", &json!({ "type": "task", "org": acme.id, "task": id })).await;
    }
    let ended = finished(&acme.owner.api, &path).await;
    assert_eq!(
        (&ended["status"], &ended["error"]),
        (&json!("failed"), &json!("no worker knows the kind device.beam"))
    );
    let notices = acme.path("/tasks?kind=notice.task_failed");
    let begun = Instant::now();
    let notice = loop {
        let page = acme.owner.api.get(&notices).await.expect(200);
        match page["items"].as_array().unwrap().as_slice() {
            [notice] if notice["status"] == "succeeded" => break notice.clone(),
            [_] | [] => assert!(begun.elapsed() < PATIENCE, "{page}"),
            _ => panic!("told twice: {page}"),
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    };
    assert_eq!(notice["parent"], id);
    let children = acme.path(&format!("/tasks?parent={id}"));
    let children = acme.owner.api.get(&children).await.expect(200);
    assert_eq!(children["items"][0]["id"], notice["id"]);
}
