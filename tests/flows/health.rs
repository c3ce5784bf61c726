//! The scheduled checks, fired as their rules do, and what staff see of them. Rounds through all organisations are told in `tests/faults`:
//! here they would find what other stories are about.

use domain::TaskId;
use domain::task::{Task, TaskKind};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::Duration;
use tests::aws::{self, fire};
use tests::{Api, Organization, PATIENCE, Person};

/// Asks until the answer is what it should be; the answer.
async fn until(api: &Api, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let asked = tokio::time::timeout(PATIENCE, async {
        loop {
            let answer = api.get(path).await.expect(200);
            if is_so(&answer) {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    asked.await.unwrap_or_else(|_| panic!("{path} is never so"))
}

async fn staff() -> Api {
    Person::new("Sue").await.as_staff(tests::endpoint()).await.api
}

#[tokio::test]
async fn a_days_figures_are_gathered_once_however_often_the_schedule_fires() {
    let press = Organization::new("Acme").await.device(12345).await;
    let reading = json!([{ "variable": "temperature", "time": "2026-01-02T03:04:05Z", "value": 21.5 }]);
    press.readings(&reading).await.added().await;
    let staff = staff().await;

    // What the workers did, entry by entry. Around midnight it may be yesterday's.
    let org = &press.org.id;
    let path = format!("/v1/admin/work?kind=telemetry.upload&org={org}");
    let work = until(&staff, &path, |work| !work["items"].as_array().unwrap().is_empty()).await;
    let entry = &work["items"][0];
    assert_eq!(
        (&entry["outcome"], &entry["org"]),
        (&json!("succeeded"), &json!(org)),
        "{entry}"
    );
    let day = &entry["at"].as_str().unwrap()[..10];

    // The schedule of the day after fires twice: one task.
    let at: Timestamp = format!("{day}T03:10:00Z").parse().unwrap();
    let at = at + SignedDuration::from_hours(24);
    let task: TaskId = Task::scheduled(TaskKind::GatherStatistics, at, at).id;
    fire("gather-statistics", at).await;
    fire("gather-statistics", at).await;
    let path = format!("/v1/admin/tasks/{task}");
    let done = until(&staff, &path, |task| task["finished_at"].is_string()).await;
    assert_eq!(
        (&done["status"], &done["result"]["day"]),
        (&json!("succeeded"), &json!(day)),
        "{done}"
    );
    assert_eq!(done["attempts"], 1, "{done}");
    let listed = staff
        .get("/v1/admin/tasks?kind=system.gather_statistics&status=succeeded")
        .await
        .expect(200);
    let listed = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|listed| listed["id"] == done["id"]);
    assert_eq!(listed.count(), 1);

    let days = staff
        .get(&format!("/v1/admin/statistics?from={day}&to={day}"))
        .await
        .expect(200);
    let figures = &days["items"][0];
    for kind in ["telemetry.upload", "organization.create"] {
        let found = figures["kinds"]
            .as_array()
            .unwrap()
            .iter()
            .find(|known| known["kind"] == kind);
        let found = found.unwrap_or_else(|| panic!("no {kind} in {figures}"));
        let number = |name: &str| found[name].as_u64().unwrap();
        assert!(number("count") > 0 && number("p50_ms") <= number("p95_ms"), "{found}");
    }
    assert!(figures["organizations"]["active"].as_u64().unwrap() > 0, "{figures}");
    assert!(figures["devices"].as_u64().unwrap() > 0, "{figures}");
}

#[tokio::test]
async fn what_aws_has_billed_stands_beside_what_was_reckoned() {
    let staff = staff().await;
    // Long before any other: this test's day alone.
    let at: Timestamp = "2001-02-03T04:55:00Z".parse().unwrap();
    let task = Task::scheduled(TaskKind::GatherCosts, at, at).id;
    let path = "/v1/admin/costs?day=2001-02-04";
    staff.get("/v1/admin/costs?day=2001-02-02").await.problem(404);
    fire("gather-costs", at).await;
    fire("gather-costs", at).await;
    let done = until(&staff, &format!("/v1/admin/tasks/{task}"), |task| {
        task["finished_at"].is_string()
    })
    .await;
    assert_eq!(
        (&done["status"], &done["result"]["day"]),
        (&json!("succeeded"), &json!("2001-02-03")),
        "{done}"
    );

    let costs = staff.get(path).await.expect(200);
    assert_eq!(
        costs["last_month"],
        json!({ "start": "2001-01-01", "end": "2001-02-01" })
    );
    assert_eq!(
        costs["month_to_date"],
        json!({ "start": "2001-02-01", "end": "2001-02-03" })
    );
    let services = costs["services"].as_array().unwrap();
    let lambda = &services[0];
    assert_eq!(lambda["service"], "AWS Lambda");
    assert_eq!(
        (&lambda["billed"]["last_month"], &lambda["billed"]["month_to_date"]),
        (&json!(1.5), &json!(0.5)),
        "{lambda}"
    );
    assert!(
        lambda["billed"]["source"].as_str().unwrap().contains("GetCostAndUsage"),
        "{lambda}"
    );
    assert!(
        lambda["billed"]["read_at"].is_string() && lambda["estimated"]["idle"].is_number(),
        "{lambda}"
    );
    let untagged = services
        .iter()
        .find(|line| line["service"] == "AWS Cost Explorer")
        .unwrap();
    assert_eq!(
        (&untagged["billed"], &untagged["estimated"]["idle"]),
        (&Value::Null, &json!(0.3))
    );
    let organizations = costs["organizations"].as_array().unwrap();
    let named: Vec<_> = organizations.iter().map(|line| &line["organization"]).collect();
    assert_eq!(named, [&Value::Null, &json!(tests::costs::ORGANIZATION)]);
}

#[tokio::test]
async fn members_see_what_workers_did_for_their_organization() {
    let acme = Organization::new("Acme").await;
    let attempts = acme
        .owner
        .api
        .get(&acme.path("/attempts?kind=organization.create"))
        .await
        .expect(200);
    let attempts = attempts["items"].as_array().unwrap();
    assert_eq!(attempts.len(), 1, "{attempts:?}");
    assert!(
        attempts[0]["ended_at"].is_string() && attempts[0]["error"].is_null(),
        "{attempts:?}"
    );
    let later = acme.path("/attempts?created_after=2100-01-01T00:00:00Z");
    assert_eq!(acme.owner.api.get(&later).await.expect(200)["items"], json!([]));
    acme.owner
        .api
        .get(&acme.path("/attempts?kind=nonsense"))
        .await
        .problem(400);
}

#[tokio::test]
async fn staff_are_told_when_a_silent_worker_is_back() {
    let staff = staff().await;
    let worker = "ingest-worker";
    fire("heartbeat", tests::now()).await;
    until(&staff, "/v1/status", |status| {
        let found = status["components"]
            .as_array()
            .unwrap()
            .iter()
            .find(|known| known["name"] == worker);
        found.is_some_and(|found| found["last_seen"].is_string())
    })
    .await;
    // As if it had been silent, and whoever was to tell staff had died.
    let long_ago = "2026-01-02T03:04:05Z";
    let silent = json!({
        "pk": "STATUS", "sk": format!("ALERT#{worker}"), "worker": worker, "silent": true, "since": long_ago,
        "watched_from": long_ago, "told": false, "telling_until": long_ago, "revision": 1000,
    });
    aws::put(aws::DIRECTORY, &silent).await;
    fire("heartbeat", tests::now()).await;
    let rows = aws::partition(aws::DIRECTORY, "STATUS").await;
    let alert = rows.iter().find(|row| row["sk"] == format!("ALERT#{worker}")).unwrap();
    assert_eq!(
        (&alert["silent"], &alert["told"]),
        (&json!(false), &json!(true)),
        "{alert}"
    );
    assert!(alert["revision"].as_u64().unwrap() >= 1002, "{alert}");
}

#[tokio::test]
async fn what_staff_ask_wrongly_is_refused_with_a_reason() {
    let staff = staff().await;
    for path in [
        "/v1/admin/work",
        "/v1/admin/work?kind=nonsense",
        "/v1/admin/work?kind=device.purge&day=2026-02-30",
        "/v1/admin/work?kind=device.purge&org=acme",
        "/v1/admin/work?kind=device.purge&cursor=bm9uc2Vuc2U",
        "/v1/admin/statistics?from=2026-02-01&to=2026-01-01",
        "/v1/admin/statistics?from=yesterday",
        "/v1/admin/costs?day=yesterday",
        "/v1/admin/tasks?status=lost",
        "/v1/admin/tasks?kind=nonsense",
    ] {
        staff.get(path).await.problem(400);
    }
    let stranger = Person::new("Eve").await.api;
    for path in [
        "/v1/admin/work?kind=device.purge",
        "/v1/admin/statistics",
        "/v1/admin/costs",
        "/v1/admin/tasks",
    ] {
        stranger.get(path).await.problem(403);
    }
}
