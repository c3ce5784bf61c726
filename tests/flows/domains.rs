//! E-mail domains: proved by a record that a name server really gives, and what they bring.

mod addresses;
mod ends;
mod registration;
mod rounds;

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::aws::DIRECTORY;
use tests::{Api, Organization, PATIENCE, Person, aws, dns, finished, unique};

/// A domain that no other story has.
fn new_name() -> String {
    format!("{}.example", unique("acme"))
}

/// Somebody who signs up with an address at a domain.
async fn at(domain: &str, name: &str) -> Person {
    let email = format!("{}@{domain}", unique(&name.to_lowercase()));
    Person::with_address(&Api::anonymous(), name, &email).await
}

/// Registers a domain; what is to be published.
async fn register(acme: &Organization, domain: &str, role: &str) -> (String, String) {
    let body = json!({ "domain": domain, "role": role });
    let registered = acme.owner.api.post(&acme.path("/domains"), &body).await.expect(201);
    record(&registered)
}

fn record(domain: &Value) -> (String, String) {
    let text = |name: &str| domain["record"][name].as_str().unwrap().to_owned();
    assert_eq!(domain["record"]["type"], "TXT");
    (text("name"), text("value"))
}

/// Has a domain's record looked for; the task at its end.
async fn look(acme: &Organization, domain: &str) -> Value {
    let path = acme.path(&format!("/domains/{domain}/verification"));
    let asked = acme.owner.api.post(&path, &json!({})).await;
    let location = asked.header("location").to_owned();
    asked.expect(202);
    finished(&acme.owner.api, &location).await
}

/// A domain that is published and verified.
async fn verified(acme: &Organization, role: &str) -> String {
    let domain = new_name();
    let (name, value) = register(acme, &domain, role).await;
    dns::publish(&name, &[&value]);
    let task = look(acme, &domain).await;
    assert_eq!(task["status"], "succeeded", "{task}");
    domain
}

async fn get(acme: &Organization, domain: &str) -> (Value, String) {
    let found = acme.owner.api.get(&acme.path(&format!("/domains/{domain}"))).await;
    let tag = found.header("etag").to_owned();
    (found.expect(200), tag)
}

/// How often it was asked for that somebody be brought in.
async fn asked_for(person: &Person) -> usize {
    let tasks = aws::partition(DIRECTORY, "SYSTEM").await;
    let tasks = tasks.iter().filter(|task| task["kind"] == "member.enrol");
    tasks.filter(|task| task["input"]["user"] == person.id.as_str()).count()
}

/// Somebody's role in an organisation; none where it does not exist for them.
async fn role(person: &Person, acme: &Organization) -> Option<String> {
    let me = person.api.get("/v1/me").await.expect(200);
    let mut places = me["organizations"].as_array().unwrap().iter();
    let place = places.find(|place| place["id"] == acme.id.as_str())?;
    place["role"].as_str().map(str::to_owned)
}

async fn until_role(person: &Person, acme: &Organization, wanted: &str) {
    let begun = Instant::now();
    while role(person, acme).await.as_deref() != Some(wanted) {
        assert!(begun.elapsed() < PATIENCE, "{} is no {wanted} yet", person.email);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn remove(acme: &Organization, person: &Person) {
    let path = acme.path(&format!("/members/{}", person.id));
    acme.owner.api.delete(&path).await.expect(204);
}

/// Signs in again, and makes sure that this has asked for nothing.
async fn comes_back_to_nothing(person: &Person, acme: &Organization) {
    let before = asked_for(person).await;
    let again = person.again().await;
    assert_eq!(asked_for(person).await, before, "{}", person.email);
    again.api.get(&acme.path("")).await.problem(404);
}

#[tokio::test]
async fn people_at_a_proved_domain_become_members_when_they_sign_in() {
    let acme = Organization::new("Acme").await;
    let domain = new_name();
    let bea = at(&domain, "Bea").await;
    let (name, value) = register(&acme, &domain, "operator").await;
    assert_eq!(name, format!("_millwright-challenge.{domain}"));

    // No record, another record, a server that fails: the domain is nobody's, and brings nobody.
    let told = async |records: Option<&[&str]>| {
        match records {
            Some(texts) => dns::publish(&name, texts),
            None => dns::withdraw(&name),
        }
        let task = look(&acme, &domain).await;
        assert_eq!(task["status"], "failed", "{task}");
        task["error"].as_str().unwrap().to_owned()
    };
    let error = told(None).await;
    assert!(
        error.contains("there is no TXT record at") && error.contains(&value),
        "{error}"
    );
    let error = told(Some(&["v=spf1 -all", "millwright-verification=guessed"])).await;
    assert!(error.contains("\"v=spf1 -all\" and 1 more"), "{error}");
    assert_eq!(get(&acme, &domain).await.0["status"], "pending");
    comes_back_to_nothing(&bea, &acme).await;

    dns::publish(&name, &["v=spf1 -all", &value]);
    let task = look(&acme, &domain).await;
    assert_eq!(
        (&task["status"], &task["result"]["status"]),
        (&json!("succeeded"), &json!("verified"))
    );
    let (found, _) = get(&acme, &domain).await;
    assert!(
        found["status"] == "verified" && found["verified_at"].is_string(),
        "{found}"
    );

    // Who is there already at the next sign-in, who is new at the first; nobody of another domain, or of one below.
    assert_eq!(role(&bea, &acme).await, None);
    let bea = bea.again().await;
    until_role(&bea, &acme, "operator").await;
    let cy = at(&domain, "Cy").await;
    until_role(&cy, &acme, "operator").await;
    for stranger in [at(&format!("mail.{domain}"), "Dan").await, at(&new_name(), "Eve").await] {
        comes_back_to_nothing(&stranger, &acme).await;
    }

    let bea = bea.again().await;
    assert_eq!(asked_for(&bea).await, 1);
    let told = acme.path(&format!("/journal?resource={}", bea.id));
    let told = acme.owner.api.get(&told).await.expect(200);
    let entries = told["items"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "{told}");
    assert_eq!(entries[0]["actor"], "system");
    assert_eq!(entries[0]["action"], "member.joined");
    assert_eq!(entries[0]["reason"], format!("verified domain {domain}"));
    assert_eq!(entries[0]["after"], json!({ "domain": domain, "role": "operator" }));
}

#[tokio::test]
async fn who_was_taken_out_or_has_left_is_not_brought_in_again_and_who_is_a_member_stays_what_they_are() {
    let acme = Organization::new("Acme").await;
    let domain = new_name();
    let (manager, guest) = (at(&domain, "Max").await, at(&domain, "Gil").await);
    for (person, role) in [(&manager, "manager"), (&guest, "admin")] {
        invite(&acme, person, role).await;
    }
    remove(&acme, &guest).await;
    let (name, value) = register(&acme, &domain, "viewer").await;
    dns::publish(&name, &[&value]);
    assert_eq!(look(&acme, &domain).await["status"], "succeeded");

    // Taken out before there was a domain that could bring them.
    comes_back_to_nothing(&guest, &acme).await;
    let manager = manager.again().await;
    assert_eq!(asked_for(&manager).await, 0);
    assert_eq!(role(&manager, &acme).await.as_deref(), Some("manager"));

    let (bea, cy) = (at(&domain, "Bea").await, at(&domain, "Cy").await);
    until_role(&bea, &acme, "viewer").await;
    until_role(&cy, &acme, "viewer").await;
    remove(&acme, &bea).await;
    let own = acme.path(&format!("/members/{}", cy.id));
    cy.api.delete(&own).await.expect(204);
    comes_back_to_nothing(&bea, &acme).await;
    comes_back_to_nothing(&cy, &acme).await;

    // By somebody's hand they are let in again.
    invite(&acme, &bea, "manager").await;
    assert_eq!(role(&bea, &acme).await.as_deref(), Some("manager"));
}

async fn invite(acme: &Organization, person: &Person, role: &str) {
    let body = json!({ "email": person.email, "role": role });
    let invitation = acme.owner.api.post(&acme.path("/invitations"), &body).await.expect(201);
    let accept = format!("/v1/invitations/{}/accept", invitation["token"].as_str().unwrap());
    person.api.post(&accept, &json!({})).await.expect(200);
}
