//! Over every operation of the staff: nobody else gets anything out of it, whatever they send, and nothing changes.
//! A new route is in this test by being in the contract.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Api, Organization, Person, answer};

/// The operations of the staff, with the path filled in with what is really there.
fn operations() -> Vec<(Method, String)> {
    let contract = contract::full();
    let paths = contract["paths"].as_object().unwrap().iter();
    let mut operations = Vec::new();
    for (path, item) in paths.filter(|(path, _)| path.starts_with("/v1/admin")) {
        let filled = path
            .replace("{queue}", "readings")
            .replace("{user}", "usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC")
            .replace("{task}", "tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC");
        assert!(
            !filled.contains('{'),
            "{path}: this test does not know how to fill it in"
        );
        for (method, operation) in item.as_object().unwrap() {
            assert_eq!(
                operation["security"],
                json!([{ "bearer": [] }]),
                "{path}: keys are never staff"
            );
            operations.push((method.to_uppercase().parse().unwrap(), filled.clone()));
        }
    }
    operations
}

async fn call(api: &Api, (method, path): &(Method, String), body: &Value) -> Answer {
    let request = api.request(method.clone(), path);
    answer(match *method {
        Method::GET => request,
        _ => request.json(body),
    })
    .await
}

/// Which queues are paused.
async fn states(staff: &Person) -> Vec<Value> {
    let queues = staff.api.get("/v1/admin/queues").await.expect(200);
    let queues = queues["items"].as_array().unwrap().iter();
    queues
        .map(|queue| json!([queue["name"], queue["state"], queue["polling"]]))
        .collect()
}

#[tokio::test]
async fn only_staff_reach_the_operations() {
    let acme = Organization::new("Acme").await;
    let staff = Person::new("Sue").await.as_staff(tests::endpoint()).await;
    let (_, key) = acme
        .key(&["org.read", "task.read", "fleet.write", "telemetry.write"])
        .await;
    let before = states(&staff).await;
    let operations = operations();
    assert!(operations.len() >= 5, "{operations:?}");
    for operation in &operations {
        for body in [json!({}), json!({ "unknown": 1 }), json!("nonsense")] {
            for (who, api, status) in [
                ("nobody", Api::anonymous(), 401),
                (
                    "a broken token",
                    Api::anonymous().bearer("eyJhbGciOiJub25lIn0.e30."),
                    401,
                ),
                ("an organisation's owner", acme.owner.api.clone(), 403),
                ("an API key", key.clone(), 403),
            ] {
                let answer = call(&api, operation, &body).await;
                assert_eq!(answer.status, status, "{who}: {operation:?}: {}", answer.text);
                answer.problem(status);
            }
        }
    }
    assert_eq!(states(&staff).await, before);
}

#[tokio::test]
async fn somebody_is_staff_from_the_sign_in_after_they_joined() {
    let sue = Person::new("Sue").await;
    sue.api.get("/v1/admin/queues").await.problem(403);
    let staff = sue.as_staff(tests::endpoint()).await;
    staff.api.get("/v1/admin/queues").await.expect(200);
    // The token from before does not say so.
    sue.api.get("/v1/admin/queues").await.problem(403);
}
