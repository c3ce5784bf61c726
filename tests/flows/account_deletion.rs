//! The end of an account.

use serde_json::{Value, json};
use std::time::Instant;
use tests::{Api, Organization, PATIENCE, Person, aws, sign_in};

/// Waits until nothing is known of somebody any more.
async fn forgotten(person: &Person) {
    let begun = Instant::now();
    loop {
        let rows = aws::partition(aws::DIRECTORY, &format!("USER#{}", person.id)).await;
        if rows.is_empty() {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "still known: {rows:?}");
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
}

/// Who did what to what, of an organisation's journal.
async fn journal(acme: &Organization) -> Vec<(String, String, String)> {
    let entries = aws::partition(&acme.table(), "JOURNAL").await;
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    entries
        .iter()
        .map(|entry| (text(entry, "actor"), text(entry, "action"), text(entry, "resource")))
        .collect()
}

#[tokio::test]
async fn an_account_goes_with_its_places_keys_and_sessions_and_the_journal_keeps_an_id() {
    let acme = Organization::new("Acme").await;
    let bea = acme.member("admin").await;
    let laptop = bea.again().await;
    let wanted = json!({ "name": "gateway", "scopes": ["org.read"] });
    let key = bea.api.post(&acme.path("/api-keys"), &wanted).await.expect(201);
    let gateway = Api::anonymous().key(key["secret"].as_str().unwrap());
    gateway.get(&acme.path("")).await.expect(200);
    let (_, owners) = acme.key(&["org.read"]).await;

    let wrong = json!({ "password": "Wrong-Horse-12" });
    bea.api.delete_with("/v1/me", &wrong).await.problem(422);
    bea.api.get("/v1/me").await.expect(200);
    let accepted = bea.api.delete_with("/v1/me", &bea.proof()).await.expect(202);
    assert!(accepted["task"].as_str().unwrap().starts_with("tsk_"), "{accepted}");

    // At once, before the worker has done anything.
    for device in [&bea, &laptop] {
        device.api.get("/v1/me").await.problem(401);
        let refresh = json!({ "refresh_token": device.session["refresh_token"] });
        device.api.post("/v1/sessions/refresh", &refresh).await.problem(401);
    }
    let refused = sign_in(&bea.api, &bea.email).await;
    assert!(matches!(refused.status, 401 | 403), "{}", refused.text);

    aws::mail_to(&bea.email, "Your account is deleted").await;
    forgotten(&bea).await;
    gateway.get(&acme.path("")).await.problem(401);
    owners.get(&acme.path("")).await.expect(200);
    let members = acme.owner.api.get(&acme.path("/members")).await.expect(200);
    assert_eq!(members["items"].as_array().unwrap().len(), 1, "{members}");
    let journal = journal(&acme).await;
    let did = |action: &str, resource: &str| (bea.id.clone(), action.to_owned(), resource.to_owned());
    assert!(
        journal.contains(&did("api_key.revoked", key["id"].as_str().unwrap())),
        "{journal:?}"
    );
    assert!(journal.contains(&did("member.removed", &bea.id)), "{journal:?}");
    assert!(!json!(journal).to_string().contains(&bea.email));

    // The address is free, and whoever signs up with it is somebody else.
    let account = json!({ "email": bea.email, "password": "Correct-Horse-1", "name": "Bea" });
    let api = Api::anonymous();
    let new = api.post("/v1/accounts", &account).await.expect(201);
    api.post("/v1/accounts/confirm", &json!({ "email": bea.email, "code": "123456" }))
        .await
        .expect(204);
    let session = sign_in(&api, &bea.email).await.expect(201);
    let me = api
        .bearer(session["access_token"].as_str().unwrap())
        .get("/v1/me")
        .await
        .expect(200);
    assert_eq!((&me["id"], &me["organizations"]), (&new["id"], &json!([])));
    assert_ne!(me["id"], json!(bea.id));
}

#[tokio::test]
async fn the_only_owner_of_an_organization_stays_until_there_is_another() {
    let acme = Organization::new("Acme").await;
    let detail = acme
        .owner
        .api
        .delete_with("/v1/me", &acme.owner.proof())
        .await
        .problem(409);
    assert!(detail.contains(&acme.id) && detail.contains("Acme"), "{detail}");
    acme.owner.api.get("/v1/me").await.expect(200);

    let bea = acme.member("admin").await;
    for (pk, sk) in [
        (format!("USER#{}", bea.id), format!("ORG#{}", acme.id)),
        (format!("ORG#{}", acme.id), format!("MEMBER#{}", bea.id)),
    ] {
        let mut rows = aws::partition(aws::DIRECTORY, &pk).await;
        let row = rows.iter_mut().find(|row| row["sk"] == sk.as_str()).unwrap();
        row["role"] = json!("owner");
        aws::put(aws::DIRECTORY, row).await;
    }
    // Of two owners who go at once, one does.
    let (first, second) = (acme.owner.proof(), bea.proof());
    let answers = futures::join!(
        acme.owner.api.delete_with("/v1/me", &first),
        bea.api.delete_with("/v1/me", &second)
    );
    let mut statuses = [answers.0.status, answers.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses[0], 202, "{} {}", answers.0.text, answers.1.text);
    assert!(
        matches!(statuses[1], 409 | 503),
        "{} {}",
        answers.0.text,
        answers.1.text
    );
    let (gone, left) = match answers.0.status {
        202 => (&acme.owner, &bea),
        _ => (&bea, &acme.owner),
    };
    forgotten(gone).await;
    let members = left.api.get(&acme.path("/members")).await.expect(200);
    assert_eq!(members["items"].as_array().unwrap().len(), 1);
    left.api.delete_with("/v1/me", &left.proof()).await.problem(409);
}

#[tokio::test]
async fn an_account_with_a_second_factor_is_not_deleted_by_the_password_alone() {
    let ada = Person::new("Ada").await;
    let (_, codes) = ada.with_authenticator().await;
    let mut proof = ada.proof();
    let detail = ada.api.delete_with("/v1/me", &proof).await.problem(422);
    assert!(detail.contains("/code"), "{detail}");
    proof["recovery_code"] = json!(codes[0]);
    ada.api.delete_with("/v1/me", &proof).await.expect(202);
    forgotten(&ada).await;
}
