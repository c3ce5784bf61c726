//! Invitations go out by mail, are mailed again, and open once.

use serde_json::{Value, json};
use tests::{Answer, Organization, Person, aws, finished};

/// The token of the mail to somebody that holds this.
async fn mailed(person: &Person, holding: &str) -> String {
    let text = aws::mail_to(&person.email, holding).await;
    let (_, token) = text
        .split_once("/invitation#")
        .unwrap_or_else(|| panic!("no link in {text}"));
    token.split_whitespace().next().unwrap().to_owned()
}

async fn accept(person: &Person, token: &str) -> Answer {
    person
        .api
        .post(&format!("/v1/invitations/{token}/accept"), &json!({}))
        .await
}

async fn invite(acme: &Organization, person: &Person) -> Value {
    let body = json!({ "email": person.email, "role": "operator" });
    acme.owner.api.post(&acme.path("/invitations"), &body).await.expect(201)
}

#[tokio::test]
async fn whoever_is_invited_gets_a_link_that_opens_once() {
    let acme = Organization::new("Acme").await;
    let (bea, eve) = (Person::new("Bea").await, Person::new("Eve").await);
    let invitation = invite(&acme, &bea).await;
    let token = mailed(&bea, "as operator").await;
    assert_ne!(
        token,
        invitation["token"].as_str().unwrap(),
        "the mail has a token of its own"
    );

    // Neither token is kept anywhere, nor in the hands of others good for anything.
    let rows = aws::partition(aws::DIRECTORY, &format!("ORG#{}", acme.id)).await;
    assert!(!json!(rows).to_string().contains(&token[token.len() - 39..]));
    accept(&eve, &token).await.problem(404);
    assert_eq!(accept(&bea, &token).await.expect(200)["role"], "operator");
    accept(&bea, &token).await.problem(404);
    accept(&bea, invitation["token"].as_str().unwrap()).await.problem(404);
    let left = acme.owner.api.get(&acme.path("/invitations")).await.expect(200);
    assert_eq!(left["items"], json!([]));
}

#[tokio::test]
async fn an_invitation_is_mailed_again_with_another_link_five_times_at_most() {
    let acme = Organization::new("Acme").await;
    let (api, bea) = (&acme.owner.api, Person::new("Bea").await);
    let invitation = invite(&acme, &bea).await;
    let first = mailed(&bea, "as operator").await;
    let path = acme.path(&format!("/invitations/{}", invitation["id"].as_str().unwrap()));

    for sent in 2..=5 {
        let again = api.post(&format!("{path}/resend"), &json!({})).await;
        let location = again.header("location").to_owned();
        assert_eq!(again.expect(202)["sent"], sent);
        assert_eq!(finished(api, &location).await["status"], "succeeded");
    }
    api.post(&format!("{path}/resend"), &json!({})).await.problem(409);
    let listed = api.get(&acme.path("/invitations")).await.expect(200);
    assert_eq!(listed["items"][0]["sent"], 5);
    assert!(
        !listed.to_string().contains("mwi_") && !listed.to_string().contains("link"),
        "{listed}"
    );
    // Of the links only the latest is good.
    accept(&bea, &first).await.problem(404);

    api.delete(&path).await.expect(204);
    accept(&bea, invitation["token"].as_str().unwrap()).await.problem(404);
    api.post(&format!("{path}/resend"), &json!({})).await.problem(404);
    acme.owner
        .api
        .post(&acme.path("/invitations/inv_x/resend"), &json!({}))
        .await
        .problem(404);
}
