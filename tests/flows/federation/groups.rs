//! Groups bring roles, change them and take them away, and touch nothing else.

use super::cloud::{Ground, OIDC};
use super::provider::Who;
use serde_json::{Value, json};
use tests::{Organization, Person};

impl Ground {
    /// Has an organisation give a role for a group.
    pub async fn map(&self, org: &Organization, provider: &str, group: &str, role: &str) -> Value {
        let mapping = json!({ "provider": provider, "group": group, "role": role });
        org.owner
            .api
            .post(&org.path("/group-mappings"), &mapping)
            .await
            .expect(201)
    }
}

/// An organisation whose owner comes through the provider.
pub async fn roles_follow_groups(ground: &Ground) -> Organization {
    let olga = ground
        .sign_in(&Who::new("olga", &["press", "/plant/leads, all", "guests"]))
        .await;
    let acme = olga.organization("Acme").await;
    let mapping = ground.map(&acme, OIDC, "press", "operator").await;
    ground.map(&acme, OIDC, "/plant/leads, all", "manager").await;
    let listed = olga.api.get(&acme.path("/group-mappings")).await.expect(200);
    assert!(listed["items"].as_array().unwrap().contains(&mapping), "{listed}");

    let who = Who::new("ada", &["press", "unmapped"]);
    let ada = ground.sign_in(&who).await;
    ground.until_role(&ada, &acme, Some("operator")).await;
    ada.api.get(&acme.path("")).await.expect(200);
    ada.api.get(&acme.path("/members")).await.problem(403);

    let ada = ground.sign_in(&who.in_groups(&["/plant/leads, all", "press"])).await;
    ground.until_role(&ada, &acme, Some("manager")).await;

    let ada = ground.sign_in(&who.in_groups(&["unmapped"])).await;
    ground.until_role(&ada, &acme, None).await;
    ada.api.get(&acme.path("")).await.problem(404);

    // A mapping that is gone brings nobody in, and takes out whom it brought at their next sign-in.
    let ada = ground.sign_in(&who).await;
    ground.until_role(&ada, &acme, Some("operator")).await;
    let path = acme.path(&format!("/group-mappings/{}", mapping["id"].as_str().unwrap()));
    olga.api.delete(&path).await.expect(204);
    olga.api.delete(&path).await.problem(404);
    let ada = ground.sign_in(&who).await;
    ground.until_role(&ada, &acme, None).await;
    told_in_the_journal(&acme, &ada).await;
    acme
}

async fn told_in_the_journal(acme: &Organization, ada: &Person) {
    let path = acme.path(&format!("/journal?resource={}", ada.id));
    let entries = acme.owner.api.get(&path).await.expect(200);
    let told = entries["items"].as_array().unwrap().iter().rev().map(|entry| {
        assert!(entry["actor"].as_str().unwrap().starts_with("tsk_"), "{entry}");
        let role = |state: &Value| state["role"].as_str().unwrap_or("-").to_owned();
        format!(
            "{} {} {}",
            entry["action"].as_str().unwrap(),
            role(&entry["before"]),
            role(&entry["after"])
        )
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "member.joined - operator",
            "member.changed operator manager",
            "member.removed manager -",
            "member.joined - operator",
            "member.removed operator -",
        ]
    );
}

pub async fn what_was_given_by_hand_stays(ground: &Ground, acme: &Organization) {
    let who = Who::new("bo", &[]);
    let bo = ground.sign_in(&who).await;
    let invited = json!({ "email": bo.email, "role": "viewer" });
    let invitation = acme
        .owner
        .api
        .post(&acme.path("/invitations"), &invited)
        .await
        .expect(201);
    let accept = format!("/v1/invitations/{}/accept", invitation["token"].as_str().unwrap());
    bo.api.post(&accept, &json!({})).await.expect(200);
    for groups in [&["/plant/leads, all"][..], &[]] {
        let bo = ground.sign_in(&who.in_groups(groups)).await;
        ground.until_settled().await;
        ground.until_role(&bo, acme, Some("viewer")).await;
    }
    // The owner is in a group that would make them less.
    ground.until_role(&acme.owner, acme, Some("owner")).await;
}

pub async fn nobody_draws_in_others(ground: &Ground, acme: &Organization) {
    let map = async |org: &Organization, body: Value| org.owner.api.post(&org.path("/group-mappings"), &body).await;
    let mapping = |group: &str, role: &str| json!({ "provider": OIDC, "group": group, "role": role });
    // A group of others.
    let detail = map(acme, mapping("managers", "viewer")).await.problem(422);
    assert!(detail.contains("/group"), "{detail}");
    let elsewhere = json!({ "provider": "Works", "group": "guests", "role": "viewer" });
    map(acme, elsewhere).await.problem(422);
    // Somebody with a password is in no group.
    let rival = Person::at(&ground.api, "Rival").await.organization("Rival").await;
    map(&rival, mapping("guests", "viewer")).await.problem(422);
    // An organisation has one owner.
    let detail = map(acme, mapping("guests", "owner")).await.problem(422);
    assert!(detail.contains("/role"), "{detail}");
    map(acme, mapping("", "viewer")).await.problem(422);
    map(acme, mapping("guests", "viewer")).await.expect(201);
    map(acme, mapping("guests", "admin")).await.problem(409);
}
