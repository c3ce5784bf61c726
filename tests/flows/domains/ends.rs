//! What is left of domains, and of who was brought in by them, when an account or an organisation ends: nothing.

use super::{DIRECTORY, at, remove, until_role, verified};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::{Organization, PATIENCE, aws};

/// The sort keys of a partition that begin with this.
async fn rows(pk: &str, prefix: &str) -> Vec<String> {
    let rows = aws::partition(DIRECTORY, pk).await;
    let keys = rows.iter().filter_map(|row| row["sk"].as_str());
    keys.filter(|sk| sk.starts_with(prefix)).map(str::to_owned).collect()
}

#[tokio::test]
async fn an_account_that_ends_takes_along_what_says_that_it_was_brought_in() {
    let acme = Organization::new("Acme").await;
    let domain = verified(&acme, "viewer").await;
    let (bea, cy) = (at(&domain, "Bea").await, at(&domain, "Cy").await);
    let org = format!("ORG#{}", acme.id);
    for person in [&bea, &cy] {
        until_role(person, &acme, "viewer").await;
    }
    // Of one the place is gone already, and with it what would lead from the person to the organisation.
    remove(&acme, &cy).await;
    assert_eq!(rows(&org, "ENROLLED#").await.len(), 2);
    for person in [&bea, &cy] {
        person.api.delete_with("/v1/me", &person.proof()).await.expect(202);
    }
    let begun = Instant::now();
    for person in [&bea, &cy] {
        while !aws::partition(DIRECTORY, &format!("USER#{}", person.id))
            .await
            .is_empty()
        {
            assert!(begun.elapsed() < PATIENCE, "{} is still known", person.email);
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
    assert_eq!(rows(&org, "ENROLLED#").await, [""; 0]);
}

#[tokio::test]
async fn an_organization_that_ends_lets_go_of_its_domains_and_of_nobody_elses() {
    let (acme, rival) = (Organization::new("Acme").await, Organization::new("Rival").await);
    let own = verified(&acme, "viewer").await;
    let others = verified(&rival, "viewer").await;
    // Registered, and never proved: the other's stays the other's.
    let claim = json!({ "domain": others });
    acme.owner.api.post(&acme.path("/domains"), &claim).await.expect(201);
    let bea = at(&own, "Bea").await;
    until_role(&bea, &acme, "viewer").await;
    // Whoever deletes it keeps a place for a while, and nothing of this.
    let deletion = acme.delete().await;
    assert_eq!(deletion["status"], "succeeded", "{deletion}");

    let org = format!("ORG#{}", acme.id);
    for prefix in ["DOMAIN#", "ENROLLED#"] {
        assert_eq!(rows(&org, prefix).await, [""; 0]);
    }
    assert_eq!(rows(&format!("USER#{}", bea.id), "ENROLLED#").await, [""; 0]);
    assert_eq!(
        aws::partition(DIRECTORY, &format!("DOMAIN#{own}")).await,
        [Value::Null; 0]
    );
    let listed = rows("DOMAINS", "").await;
    assert!(!listed.contains(&own) && listed.contains(&others), "{listed:?}");
    let dan = at(&others, "Dan").await;
    until_role(&dan, &rival, "viewer").await;
}
