//! Changes leave an unbroken chain behind, whatever happens at the same moment.

use aws_dynamodb::{Change, OrgTables, Refused};
use domain::credential::Token;
use domain::fleet::Project;
use domain::journal::{Entry, Event, Head};
use domain::organization::OrgStatus;
use domain::text::Name;
use domain::{Grant, OrgId, ServiceError, Source};
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;
use tests::{Organization, Person, aws, finished};
use tokio::sync::Barrier;

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
    let tasks = acme.owner.api.get(&acme.path("/tasks")).await.expect(200);
    let kinds = tasks["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["kind"].as_str().unwrap());
    let mut kinds: Vec<_> = kinds.collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["notice.closing", "organization.create", "organization.export"]);
}

/// A hundred processes, each with connections and dice of its own, as so many functions' environments are.
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_changes_at_once_all_succeed_or_are_refused_cleanly_and_make_one_chain() {
    let acme = Organization::new("Acme").await;
    let org = acme.id.parse().unwrap();
    let aws = aws_config::defaults(aws_config::BehaviorVersion::latest()).test_credentials();
    let aws = aws
        .region(aws_config::Region::new("us-east-1"))
        .endpoint_url(tests::endpoint());
    let aws = aws.load().await;
    let start = Arc::new(Barrier::new(100));
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let source = Source::new(lambda::SystemClock, lambda::SystemRandom);
        let grant = Grant::for_task(org, acme.owner.id.clone(), OrgStatus::Active, Some(acme.table()));
        let table = OrgTables::new(&aws, &source).open(&grant).unwrap();
        let start = start.clone();
        writers.spawn(async move {
            let project = project(org, &source);
            let change = Change::told(Event {
                action: "project.created",
                resource: project.id.to_string(),
                before: None,
                after: None,
            });
            start.wait().await;
            table.create_project(change, &project).await
        });
    }
    let begun = Instant::now();
    let answers = writers.join_all().await;
    let seconds = begun.elapsed().as_secs_f64();
    let made = answers.iter().filter(|answer| answer.is_ok()).count();
    for refused in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        // What a caller gets as 503 with Retry-After.
        assert!(
            matches!(refused, Refused::Service(ServiceError::Busy(_))),
            "{refused:?}"
        );
    }
    let actions = journal(&acme).await;
    assert_eq!(actions.len(), 1 + made);
    let path = acme.path("/projects?limit=1000");
    let projects = acme.owner.api.get(&path).await.expect(200);
    assert_eq!(projects["items"].as_array().map(Vec::len), Some(made));
    println!(
        "100 writers at once: {made} changes in {seconds:.1} s, {:.1} a second",
        made as f64 / seconds
    );
    assert!(made > 0, "nobody got through");
}

fn project(org: OrgId, source: &Source) -> Project {
    let id = source.id();
    Project {
        id,
        name: Name::parse("Line").unwrap(),
        token_hash: Token::project(org, id, source).hash(),
        former_token: None,
        devices: 0,
        filters: 0,
        self_registration: false,
        version: 1,
        created_at: source.now(),
    }
}
