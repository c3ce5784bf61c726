//! The end of an organisation: closing, exported, reopened or deleted.

use super::journal_export;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::{Api, Organization, RECEIVED_AT, aws, closing_round, finished, now, sample};

/// The lines of a task's file, downloaded by its link.
pub(super) async fn lines(api: &Api, task: &Value) -> Vec<Value> {
    let (org, id) = (task["org"].as_str().unwrap(), task["id"].as_str().unwrap());
    let path = format!("/v1/orgs/{org}/tasks/{id}/file");
    let lines = journal_export::lines(api, &path).await;
    lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of_type<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["type"] == kind).collect()
}

async fn tasks(org: &Organization, kind: &str) -> Vec<Value> {
    let path = org.path(&format!("/tasks?kind={kind}"));
    let page = org.owner.api.get(&path).await.expect(200);
    page["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_closing_organization_is_read_and_exported_and_not_changed_until_an_owner_reopens_it() {
    let press = Organization::new("Acme").await.device(12345).await;
    press.report(sample("valid_small_16.bin")).await.added().await;
    let (acme, api) = (&press.org, &press.api);
    let (admin, viewer) = (acme.member("admin").await, acme.member("viewer").await);
    let project = acme.project("Line 5").await;

    let before = now();
    let closing = api.delete(&acme.path("")).await;
    let location = closing.header("location").to_owned();
    let closing = closing.expect(202);
    assert_eq!(closing["status"], "closing");
    let end: Timestamp = closing["deletes_at"].as_str().unwrap().parse().unwrap();
    let month = SignedDuration::from_hours(24 * 30);
    assert!(end >= before + month && end <= now() + month, "{closing}");

    // Members read on.
    assert_eq!(
        viewer.api.get(&acme.path("")).await.expect(200)["deletes_at"],
        closing["deletes_at"]
    );
    viewer.api.get(&acme.path("/projects")).await.expect(200);
    assert!(!press.streams().await.is_empty());
    // Nobody writes.
    let reading = json!({ "readings": [{ "variable": "t", "time": "2026-01-02T03:04:05Z", "value": 1 }] });
    for (path, body) in [
        (acme.path("/projects"), json!({ "name": "Late" })),
        (
            format!("{project}/devices"),
            json!({ "name": "Late", "hardware_id": 7 }),
        ),
        (format!("{}/readings", press.path), reading.clone()),
        (
            acme.path("/invitations"),
            json!({ "email": "eve@example.com", "role": "viewer" }),
        ),
        (acme.path("/api-keys"), json!({ "name": "k", "scopes": ["org.read"] })),
        (acme.path("/restores"), json!({ "at": RECEIVED_AT })),
    ] {
        let said = api.post(&path, &body).await.problem(409);
        assert!(said.contains("closing"), "{path}: {said}");
    }
    let report = press
        .send_report("application/octet-stream", sample("valid_small_16.bin"))
        .await;
    assert!(report.problem(409).contains("reopens"), "an upload is told why");
    api.patch(&acme.path(""), "\"1\"", &json!({ "name": "Late" }))
        .await
        .problem(409);
    api.patch(&project, "\"1\"", &json!({ "name": "Late" }))
        .await
        .problem(409);
    api.delete(&acme.path("")).await.problem(409);
    let place = acme.path(&format!("/members/{}", viewer.id));
    viewer.api.delete(&place).await.problem(409);

    // Its owner is told, and its data are exported.
    let mail = aws::mail_to(&acme.owner.email, "is closing").await;
    assert!(
        mail.contains(&end.strftime("%Y-%m-%d").to_string()) && mail.contains("/reopen"),
        "{mail}"
    );
    let export = finished(api, &location).await;
    assert_eq!(
        (&export["kind"], &export["status"]),
        (&json!("organization.export"), &json!("succeeded")),
        "{export}"
    );
    let again = api.post(&acme.path("/exports"), &json!({})).await;
    let again = finished(api, again.header("location")).await;
    assert_eq!(
        of_type(&lines(api, &again).await, "reading").len(),
        of_type(&lines(api, &export).await, "reading").len()
    );

    let reopen = acme.path("/reopen");
    admin.api.post(&reopen, &json!({})).await.problem(403);
    let reopened = api.post(&reopen, &json!({})).await.expect(200);
    assert_eq!(
        (&reopened["status"], &reopened["deletes_at"]),
        (&json!("active"), &Value::Null)
    );
    api.post(&reopen, &json!({})).await.problem(409);
    press.readings(&reading["readings"]).await.added().await;
    let journal = api.get(&acme.path("/journal?limit=1000")).await.expect(200);
    let actions = journal["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap());
    let actions: Vec<_> = actions.filter(|action| action.starts_with("organization.")).collect();
    let story = [
        "organization.reopened",
        "organization.exported",
        "organization.export_requested",
    ];
    assert_eq!(actions[..3], story);
    assert!(actions.contains(&"organization.closing_began"), "{actions:?}");
}

#[tokio::test]
async fn an_export_has_all_that_the_organization_has() {
    let press = Organization::new("Acme").await.device(12345).await;
    press.report(sample("valid_small_16.bin")).await.added().await;
    let (acme, api) = (&press.org, &press.api);
    // A stream of many blocks, which lie over one another, and a reading that takes another's place.
    let at = |second: i64| Timestamp::from_second(1_767_323_045 + second).unwrap();
    let reading = |second: i64, value: f64| json!({ "variable": "t", "time": at(second), "value": value });
    let mut uploads = Vec::new();
    for upload in 0..20_i32 {
        let readings = (0..50).map(|n| reading(i64::from(upload) * 7 + n * 5, f64::from(upload)));
        uploads.push(press.readings(&json!(readings.collect::<Vec<_>>())).await);
    }
    for upload in uploads {
        upload.added().await;
    }
    let stored = press.all_readings("t", "").await;
    let notes = json!({ "metadata": { "site": "Kiel" } });
    api.patch(&acme.path(""), "\"1\"", &notes).await.expect(200);

    let key = json!("only-one");
    let ask = || {
        api.request(reqwest::Method::POST, &acme.path("/exports"))
            .header("idempotency-key", key.as_str().unwrap())
    };
    let asked = tests::answer(ask()).await;
    let again = tests::answer(ask()).await;
    assert_eq!(
        again.header("location"),
        asked.header("location"),
        "asked twice, made once"
    );
    let location = asked.header("location").to_owned();
    asked.expect(202);
    let task = finished(api, &location).await;
    assert_eq!(task["status"], "succeeded", "{task}");
    let lines = lines(api, &task).await;

    let org = of_type(&lines, "organization");
    assert_eq!(
        (&org[0]["id"], &org[0]["metadata"]["site"]),
        (&json!(acme.id), &json!("Kiel"))
    );
    assert_eq!(of_type(&lines, "member")[0]["user"], acme.owner.id);
    assert_eq!(of_type(&lines, "project")[0]["name"], "Line");
    assert_eq!(of_type(&lines, "device")[0]["hardware_id"], 12345);
    let streams: Vec<_> = of_type(&lines, "stream")
        .iter()
        .map(|line| line["variable"].clone())
        .collect();
    assert_eq!(json!(streams), json!(press.streams().await));
    let ours: Vec<_> = of_type(&lines, "reading")
        .into_iter()
        .filter(|line| line["variable"] == "t")
        .collect();
    let ours: Vec<_> = ours
        .iter()
        .map(|line| json!({ "time": line["time"], "value": line["value"], "status": line["status"] }))
        .collect();
    assert_eq!(ours, stored, "what the API answers, in the same order");
    let entries = of_type(&lines, "journal_entry");
    let sequence = |line: &&Value| line["entry"]["sequence"].as_u64().unwrap();
    assert!(entries.iter().map(sequence).eq(1..=entries.len() as u64));
    let end = lines.last().unwrap();
    assert_eq!(end["type"], "end");
    for kind in [
        "organization",
        "member",
        "project",
        "device",
        "stream",
        "reading",
        "journal_entry",
    ] {
        assert_eq!(end["counts"][kind], of_type(&lines, kind).len(), "{kind}");
    }
}

#[tokio::test]
async fn a_closing_organization_is_deleted_when_its_time_has_come_and_its_owner_told_before() {
    let press = Organization::new("Acme").await.device(12345).await;
    press.report(sample("valid_small_16.bin")).await.added().await;
    let acme = &press.org;
    let export = acme.close().await;
    closing_round().await;
    assert_eq!(
        acme.owner.api.get(&acme.path("")).await.expect(200)["status"],
        "closing"
    );
    assert_eq!(tasks(acme, "notice.closing").await.len(), 1);

    // Three days before the end, once.
    let end = now() + SignedDuration::from_hours(47);
    acme.move_end(end).await;
    closing_round().await;
    closing_round().await;
    let notices = tasks(acme, "notice.closing").await;
    assert_eq!(notices.len(), 2, "{notices:?}");
    let last_word = end.strftime("%Y-%m-%d at %H:%M UTC").to_string();
    aws::mail_to(&acme.owner.email, &last_word).await;

    // At the end, but not before its data are exported.
    let row = format!("ORG#{}", acme.id);
    let directory = aws::DIRECTORY;
    let file = export["result"]["file"].clone();
    let past = now() - SignedDuration::from_secs(1);
    let unexported = json!({ "deletes_at": past, "asked_by": acme.owner.id });
    let set = "SET closing = :closing";
    aws::update(directory, (&row, "META"), set, &json!({ ":closing": unexported })).await;
    closing_round().await;
    assert!(tasks(acme, "organization.delete").await.is_empty());
    let exported = json!({ "deletes_at": past, "asked_by": acme.owner.id, "export": file });
    aws::update(directory, (&row, "META"), set, &json!({ ":closing": exported })).await;
    closing_round().await;
    let deletions = tasks(acme, "organization.delete").await;
    assert_eq!(deletions.len(), 1, "{deletions:?}");
    let deletion = acme.path(&format!("/tasks/{}", deletions[0]["id"].as_str().unwrap()));
    let deletion = finished(&acme.owner.api, &deletion).await;
    assert_eq!(
        (&deletion["status"], &deletion["result"]["file"]),
        (&json!("succeeded"), &file),
        "{deletion}"
    );
    acme.owner.api.get(&acme.path("")).await.problem(404);
    // The file outlives the organisation.
    assert!(of_type(&lines(&acme.owner.api, &deletion).await, "reading").len() >= 15);
}
