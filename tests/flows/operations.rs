//! Staff keep a deployment running: dead letters looked at and sent back, queues paused and resumed without losing a message.
//!
//! In a cloud of its own: a queue that is paused there keeps nobody else waiting.

mod maintenance;
mod plant;

use local::{Cloud, CloudOptions};
use plant::Plant;
use serde_json::json;
use std::time::{Duration, Instant};
use tests::{Api, PATIENCE, Person, finished, state_dir};

#[tokio::test(flavor = "multi_thread")]
async fn staff_keep_the_queues_running() {
    // Built once, by the shared cloud, before a second one starts.
    tests::base_url();
    let options = CloudOptions {
        reset: true,
        ..CloudOptions::new(state_dir("operations"))
    };
    let cloud = Cloud::start(options).await.unwrap();
    let sue = Person::at(&Api::at(&cloud.base_url()), "Sue").await;
    let plant = Plant {
        endpoint: cloud.endpoint(),
        press: sue.organization("Acme").await.device(12345).await,
        staff: sue.as_staff(&cloud.endpoint()).await,
    };
    plant.ear().await;
    what_cannot_be_done_says_why(&plant).await;
    let location = a_paused_queue_keeps_what_comes_in(&plant).await;
    letters_are_looked_at_and_sent_back(&plant).await;
    a_group_is_sent_back_in_its_order(&plant).await;
    staff_are_told_once_that_a_queue_is_drained(&plant).await;
    nothing_was_lost_and_nothing_came_twice(&plant, &location).await;
    maintenance::the_deployment_is_closed_and_opened(&plant).await;
    cloud.stop().await.unwrap();
}

async fn what_cannot_be_done_says_why(plant: &Plant) {
    let detail = plant.act("readings", "resume", json!({})).await.problem(409);
    assert!(detail.contains("running"), "{detail}");
    for body in [json!({}), json!({ "message": "0f1e2d3c" })] {
        let detail = plant.act("readings", "redrive", body).await.problem(409);
        assert!(detail.contains("no dead letters"), "{detail}");
    }
    for action in ["drain", "resume", "redrive"] {
        plant.act("nonsense", action, json!({})).await.problem(404);
    }
    plant
        .act("readings", "redrive", json!({ "mesage": "x" }))
        .await
        .problem(422);
    for limit in ["0", "101", "-1", "x"] {
        let path = format!("/v1/admin/queues/readings/dead-letters?limit={limit}");
        plant.staff.api.get(&path).await.problem(400);
    }
}

/// The readings that wait; where their task is.
async fn a_paused_queue_keeps_what_comes_in(plant: &Plant) -> String {
    let running = plant.queue("readings").await;
    assert_eq!(
        (&running["state"], &running["polling"]),
        (&json!("running"), &json!("on"))
    );
    assert_eq!(running["concurrency"], 10, "{running}");
    for queue in ["readings", "reports"] {
        // Asking twice is asking once.
        for _ in 0..2 {
            let paused = plant.act(queue, "drain", json!({})).await.expect(200);
            assert_eq!(
                (&paused["state"], &paused["polling"]),
                (&json!("draining"), &json!("off"))
            );
            assert_eq!(paused["pause"]["by"], plant.staff.id, "{paused}");
        }
    }
    let readings = json!([{ "variable": "temperature", "time": "2026-01-02T03:04:05Z", "value": 21.5 }]);
    let upload = plant.press.readings(&readings).await;
    assert_eq!(plant.queue("readings").await["waiting"], 1);
    upload.location
}

async fn letters_are_looked_at_and_sent_back(plant: &Plant) {
    // A letter with the very message that waits: sent back, it is the same upload twice.
    let waiting = plant.messages("millwright-local-readings").await.remove(0);
    let body = waiting["Body"].as_str().unwrap();
    plant.give_up("millwright-local-readings-dlq", body, json!({})).await;
    let letters = plant.letters("readings", "").await;
    let [letter] = letters.as_slice() else {
        panic!("{letters:?}")
    };
    assert_eq!(letter["reason"], "it is too hot; cause: 99 degrees");
    assert_eq!(letter["source"], "millwright-local-readings");
    assert_eq!(
        (&letter["about"]["count"], &letter["bytes"]),
        (&json!(1), &json!(body.len()))
    );
    assert!(
        plant.press.path.contains(letter["about"]["org"].as_str().unwrap()),
        "{letter}"
    );
    assert!(
        letter["about"]["body"].is_null(),
        "readings are nobody's but their owner's: {letter}"
    );

    for n in 0..12 {
        let garbage = format!("not an upload {n}");
        plant
            .give_up("millwright-local-readings-dlq", &garbage, json!({}))
            .await;
    }
    // Whoever looks takes nothing away.
    assert_eq!(plant.letters("readings", "?limit=5").await.len(), 5);
    for _ in 0..2 {
        assert_eq!(plant.letters("readings", "?limit=100").await.len(), 13);
    }
    let unknown = json!({ "message": "0f1e2d3c" });
    plant.act("readings", "redrive", unknown).await.problem(404);
    let one = json!({ "message": letter["message"] });
    let redriven = plant.act("readings", "redrive", one).await.expect(200);
    assert_eq!(redriven, json!({ "redriven": 1, "left": 12 }));
    let redriven = plant.act("readings", "redrive", json!({})).await.expect(200);
    assert_eq!(redriven, json!({ "redriven": 12, "left": 0 }));
    let queue = plant.queue("readings").await;
    assert_eq!(
        (&queue["waiting"], &queue["dead_letters"]),
        (&json!(14), &json!(0)),
        "{queue}"
    );
}

async fn a_group_is_sent_back_in_its_order(plant: &Plant) {
    let bodies: Vec<_> = (0..12).map(|n| format!("not a report {n}")).collect();
    for body in &bodies {
        let place = json!({ "MessageGroupId": "press/0", "MessageDeduplicationId": body.replace(' ', "-") });
        plant.give_up("millwright-local-reports-dlq.fifo", body, place).await;
    }
    // SQS hands out no more of a group than ten at a time.
    assert_eq!(plant.letters("reports", "?limit=100").await.len(), 10);
    let redriven = plant.act("reports", "redrive", json!({})).await.expect(200);
    assert_eq!(redriven, json!({ "redriven": 12, "left": 0 }));
    let there = plant.messages("millwright-local-reports.fifo").await;
    let first: Vec<_> = there.iter().map(|message| message["Body"].as_str().unwrap()).collect();
    assert_eq!(first, bodies[..10]);
    assert!(
        there
            .iter()
            .all(|message| message["Attributes"]["MessageGroupId"] == "press/0")
    );
}

async fn staff_are_told_once_that_a_queue_is_drained(plant: &Plant) {
    let drained = plant.until("readings", "state", json!("drained")).await;
    assert!(drained["pause"]["drained_at"].is_string(), "{drained}");
    plant.until("reports", "state", json!("drained")).await;
    let detail = plant.act("readings", "drain", json!({})).await.problem(409);
    assert!(detail.contains("drained"), "{detail}");
    let begun = Instant::now();
    while plant.told("readings").await == 0 || plant.told("reports").await == 0 {
        assert!(begun.elapsed() < PATIENCE, "staff were not told");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    for _ in 0..2 {
        plant.check_health().await;
    }
    assert_eq!((plant.told("readings").await, plant.told("reports").await), (1, 1));
    let status = plant.staff.api.get("/v1/status").await.expect(200);
    let states = status["queues"].as_array().unwrap().iter();
    let states: Vec<_> = states.map(|queue| json!([queue["name"], queue["state"]])).collect();
    assert!(states.contains(&json!(["tasks", "running"])), "{status}");
    assert!(states.contains(&json!(["readings", "drained"])), "{status}");
}

async fn nothing_was_lost_and_nothing_came_twice(plant: &Plant, location: &str) {
    let task = plant.press.api.get(location).await.expect(200);
    assert_eq!(task["status"], "queued", "a paused queue's work went on: {task}");
    for queue in ["readings", "reports"] {
        let resumed = plant.act(queue, "resume", json!({})).await.expect(200);
        assert_eq!(
            (&resumed["state"], &resumed["polling"]),
            (&json!("running"), &json!("on"))
        );
        plant.act(queue, "resume", json!({})).await.problem(409);
    }
    let task = finished(&plant.press.api, location).await;
    assert_eq!(
        (&task["status"], &task["added"]),
        (&json!("succeeded"), &json!(1)),
        "{task}"
    );
    // What fails again comes back as letters of its own, with what its worker has to say.
    plant.until("readings", "dead_letters", json!(12)).await;
    plant.until("reports", "dead_letters", json!(12)).await;
    for letter in plant.letters("readings", "?limit=100").await {
        assert_ne!(letter["reason"], "it is too hot; cause: 99 degrees", "{letter}");
    }
    plant.until("readings", "waiting", json!(0)).await;
    assert_eq!(plant.press.all_readings("temperature", "").await.len(), 1);
}
