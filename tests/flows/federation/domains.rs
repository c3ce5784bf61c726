//! The domain of an address that a provider vouches for, after the groups that it tells.

use super::cloud::Ground;
use super::provider::Who;
use serde_json::json;
use tests::{Organization, dns, finished, unique};

pub async fn a_vouched_address_brings_its_person_in_after_their_groups(ground: &Ground, acme: &Organization) {
    let (api, domain) = (&acme.owner.api, format!("{}.example", unique("works")));
    let body = json!({ "domain": domain, "role": "operator" });
    let record = api.post(&acme.path("/domains"), &body).await.expect(201)["record"].clone();
    dns::publish(record["name"].as_str().unwrap(), &[record["value"].as_str().unwrap()]);
    let asked = acme.path(&format!("/domains/{domain}/verification"));
    let asked = api.post(&asked, &json!({})).await;
    let task = finished(api, asked.header("location")).await;
    assert_eq!(task["status"], "succeeded", "{task}");

    let somebody = |name: &str, groups: &[&'static str]| {
        let who = Who::new(name, groups);
        let email = format!("{}@{domain}", who.sub);
        Who { email, ..who }
    };
    let who = somebody("ina", &["unmapped"]);
    let ina = ground.sign_in(&who).await;
    ground.until_role(&ina, acme, Some("operator")).await;
    // It is nothing that groups gave, or take away.
    let ina = ground.sign_in(&who.in_groups(&[])).await;
    ground.until_settled().await;
    ground.until_role(&ina, acme, Some("operator")).await;

    // Where a group gives a role, that is the role.
    let lea = ground.sign_in(&somebody("lea", &["/plant/leads, all"])).await;
    ground.until_settled().await;
    ground.until_role(&lea, acme, Some("manager")).await;

    // Taken out by hand.
    api.delete(&acme.path(&format!("/members/{}", ina.id)))
        .await
        .expect(204);
    let ina = ground.sign_in(&who).await;
    ground.until_settled().await;
    ground.until_role(&ina, acme, None).await;
}
