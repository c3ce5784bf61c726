//! Changes leave an unbroken chain behind, whatever happens at the same moment.

use domain::journal::{Entry, Head};
use serde_json::json;
use tests::{Organization, Person, aws, finished};

/// The journal of an organisation, after a check of every link.
async fn journal(org: &Organization) -> Vec<String> {
    let mut head = Head::default();
    let mut actions = Vec::new();
    for item in aws::partition(&org.table(), "JOURNAL").await {
        let entry: Entry = serde_json::from_value(item).unwrap();
        assert_eq!(
            (entry.sequence, &entry.previous),
            (head.sequence + 1, &head.hash),
            "{entry:?}"
        );
        assert_eq!(entry.compute_hash(), entry.hash, "{entry:?}");
        actions.push(entry.action);
        head = Head {
            sequence: entry.sequence,
            hash: entry.hash,
        };
    }
    actions
}

#[tokio::test]
async fn changes_at_the_same_moment_all_succeed_and_make_one_chain() {
    let acme = Organization::new("Acme").await;
    let project = acme.project("Line").await;
    let devices = format!("{project}/devices");
    let mut registrations = tokio::task::JoinSet::new();
    for n in 0..12 {
        let (api, path) = (acme.owner.api.clone(), devices.clone());
        let body = json!({ "name": format!("Press {n}"), "hardware_id": n });
        registrations.spawn(async move { api.post(&path, &body).await });
    }
    for answer in registrations.join_all().await {
        answer.expect(201);
    }
    assert_eq!(acme.owner.api.get(&project).await.expect(200)["devices"], 12);
    let actions = journal(&acme).await;
    assert_eq!(actions[..2], ["organization.created", "project.created"]);
    assert_eq!(actions[2..], ["device.created"; 12]);
}

#[tokio::test]
async fn a_task_delivered_many_times_is_done_once() {
    let ada = Person::new("Ada").await;
    let created = ada.api.post("/v1/orgs", &json!({ "name": "Acme" })).await;
    let location = created.header("location").to_owned();
    let body = created.expect(202);
    let message = json!({ "type": "task", "org": body["id"], "task": body["task"] });
    for _ in 0..4 {
        aws::send("tasks", &message).await;
    }
    assert_eq!(finished(&ada.api, &location).await["status"], "succeeded");
    aws::send("tasks", &message).await;
    let acme = Organization {
        owner: ada,
        id: body["id"].as_str().unwrap().to_owned(),
    };
    acme.project("Line").await;
    assert_eq!(journal(&acme).await, ["organization.created", "project.created"]);
    assert_eq!(acme.owner.api.get(&acme.path("")).await.expect(200)["status"], "active");
    // Nothing of it is left to be sent again.
    aws::until_sent(&acme.id).await;
}

#[tokio::test]
async fn a_deletion_asked_for_twice_at_once_is_one() {
    let acme = Organization::new("Acme").await;
    let path = acme.path("");
    let (one, two) = tokio::join!(acme.owner.api.delete(&path), acme.owner.api.delete(&path));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409], "{} {}", one.text, two.text);
    let accepted = if one.status == 202 { one } else { two };
    assert_eq!(
        finished(&acme.owner.api, accepted.header("location")).await["status"],
        "succeeded"
    );
    let tasks = acme.owner.api.get(&acme.path("/tasks")).await;
    assert_eq!(tasks.expect(200)["items"].as_array().map(Vec::len), Some(2));
}
