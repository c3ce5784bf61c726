//! What an owner reads in the journal, and what an auditor makes of it.

use domain::journal::{Divergence, Entry, KeyRing, SignedHead, Verifier};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Api, Organization, answer, aws};

/// Entries that a query finds, newest first.
async fn entries(org: &Organization, query: &str) -> Vec<Value> {
    let path = org.path(&format!("/journal{query}"));
    let page = org.owner.api.get(&path).await.expect(200);
    page["items"].as_array().unwrap().clone()
}

async fn rename(api: &Api, project: &str, reason: &str) -> tests::Answer {
    let request = api.request(Method::PATCH, project).header("x-reason", reason);
    answer(request.header("if-match", "\"1\"").json(&json!({ "name": "Line 5" }))).await
}

#[tokio::test]
async fn an_entry_tells_who_did_what_from_where_and_why() {
    let acme = Organization::new("Acme").await;
    let project = acme.project("Line 4").await;
    rename(&acme.owner.api, &project, "moved, CAPA-17").await.expect(200);
    let told = entries(&acme, "?action=project.updated").await;
    assert_eq!(told.len(), 1, "{told:?}");
    let entry = &told[0];
    assert_eq!(entry["actor"], acme.owner.id);
    assert_eq!(entry["reason"], "moved, CAPA-17");
    assert_eq!(
        (&entry["before"]["name"], &entry["after"]["name"]),
        (&json!("Line 4"), &json!("Line 5"))
    );
    // Where from, under a key that goes with her account.
    let address = entry["address"].as_str().unwrap();
    assert!(address.starts_with("hmac-sha256:"), "{entry}");
    // A worker's doing comes from no address.
    let created = entries(&acme, "?action=organization.created").await;
    assert_eq!(
        (&created[0]["address"], &created[0]["sequence"]),
        (&Value::Null, &json!(1))
    );
    // A reason that cannot be kept is told, and nothing done.
    rename(&acme.owner.api, &project, &"x".repeat(257)).await.expect(400);
    assert_eq!(entries(&acme, "?action=project.updated").await.len(), 1);
}

#[tokio::test]
async fn entries_are_found_by_actor_action_resource_and_time() {
    let acme = Organization::new("Acme").await;
    let bea = acme.member("admin").await;
    bea.api
        .post(&acme.path("/projects"), &json!({ "name": "Line" }))
        .await
        .expect(201);
    let all = entries(&acme, "").await;
    let actions: Vec<_> = all.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        [
            "project.created",
            "member.joined",
            "invitation.created",
            "organization.created"
        ]
    );
    assert_eq!(entries(&acme, &format!("?actor={}", bea.id)).await, all[..2]);
    assert_eq!(entries(&acme, &format!("?resource={}", acme.id)).await, all[3..]);
    let joined = all[1]["at"].as_str().unwrap();
    assert_eq!(entries(&acme, &format!("?from={joined}")).await, all[..2]);
    assert_eq!(entries(&acme, &format!("?to={joined}")).await, all[2..]);
    let first = acme.owner.api.get(&acme.path("/journal?limit=3")).await.expect(200);
    assert_eq!(first["items"].as_array().unwrap()[..], all[..3]);
    let rest = format!("?cursor={}", first["next"].as_str().unwrap());
    assert_eq!(entries(&acme, &rest).await, all[3..]);
    assert_eq!(acme.owner.api.get(&acme.path("/journal?form=x")).await.status, 400);
}

#[tokio::test]
async fn entries_are_found_by_an_address_that_nobody_is_told() {
    let acme = Organization::new("Acme").await;
    acme.project("Line 4").await;
    let (_, key) = acme.key(&["fleet.read", "fleet.write"]).await;
    key.post(&acme.path("/projects"), &json!({ "name": "Line 5" }))
        .await
        .expect(201);
    let all = entries(&acme, "").await;
    assert!(!json!(all).to_string().contains("127.0.0.1"), "{all:?}");
    let address = |entry: &Value| entry["address"].as_str().map(str::to_owned);
    // The same address, told of a person and of a machine.
    assert_ne!(address(&all[0]), address(&all[2]));
    let from_here = entries(&acme, "?address=127.0.0.1").await;
    assert_eq!(from_here, all[..3], "{all:?}");
    assert_eq!(
        entries(&acme, "?address=127.0.0.1&action=project.created").await.len(),
        2
    );
    assert_eq!(entries(&acme, "?address=192.0.2.1").await, [] as [Value; 0]);
    let wrong = acme.owner.api.get(&acme.path("/journal?address=here")).await;
    wrong.problem(400);
    // Once her row is gone, so is what told of her address; the chain is whole.
    let directory = aws::DIRECTORY;
    let row = aws::partition(directory, &format!("USER#{}", acme.owner.id)).await;
    let mut row = row.into_iter().find(|row| row["sk"] == "META").unwrap();
    assert!(row.as_object_mut().unwrap().remove("pseudonym_key").is_some());
    aws::put(directory, &row).await;
    assert_eq!(entries(&acme, "?address=127.0.0.1").await, all[..1]);
    // Her next sign-in gives her another key, which tells nothing of what was before.
    let owner = acme.owner.again().await;
    let mine = owner
        .api
        .get(&acme.path("/journal?address=127.0.0.1"))
        .await
        .expect(200);
    assert_eq!(mine["items"].as_array().unwrap()[..], all[..1]);
}

#[tokio::test]
async fn a_refused_attempt_is_told_once_however_often_it_is_made() {
    let acme = Organization::new("Acme").await;
    let project = acme.project("Line").await;
    let eve = acme.member("viewer").await;
    for _ in 0..3 {
        rename(&eve.api, &project, "why not").await.problem(403);
    }
    // Reading what one may not changes nothing, and is no entry.
    eve.api.get(&acme.path("/journal")).await.problem(403);
    let told = entries(&acme, &format!("?actor={}&action=access.refused", eve.id)).await;
    // Two where a minute ended between the attempts.
    assert!((1..=2).contains(&told.len()), "{told:?}");
    assert_eq!(told[0]["resource"], project);
    assert_eq!(told[0]["after"]["operation"], "PATCH /v1/orgs/{org}/projects/{project}");
    assert_eq!(told[0]["reason"], "why not");
}

#[tokio::test]
async fn an_auditor_checks_the_journal_against_a_signed_head_and_needs_no_account() {
    let acme = Organization::new("Acme").await;
    acme.device(7).await;
    let early = acme.owner.api.get(&acme.path("/journal/head")).await.expect(200);
    acme.member("viewer").await;
    let head = acme.owner.api.get(&acme.path("/journal/head")).await.expect(200);
    assert_eq!((&early["sequence"], &head["sequence"]), (&json!(3), &json!(5)));
    let keys = Api::anonymous().get("/v1/journal-keys").await.expect(200);
    assert_eq!(keys["items"][0]["key_id"], head["key_id"]);
    let keys = KeyRing::parse(&keys.to_string()).unwrap();
    let heads: Vec<SignedHead> = [early, head].map(|head| serde_json::from_value(head).unwrap()).to_vec();
    let mut lines: Vec<_> = entries(&acme, "")
        .await
        .into_iter()
        .rev()
        .map(|entry| serde_json::from_value::<Entry>(entry).unwrap().line())
        .collect();
    let check = |lines: &[String]| {
        let mut verifier = Verifier::new(Some(keys.clone()), heads.clone());
        lines.iter().for_each(|line| verifier.line(line));
        verifier.finish()
    };
    let verdict = check(&lines);
    assert_eq!(verdict.divergences, []);
    assert_eq!((verdict.entries, verdict.confirmed), (5, 5));
    lines.remove(4);
    let cut = check(&lines);
    assert_eq!(cut.divergences, [Divergence::Missing { first: 5, last: 5 }]);
}
