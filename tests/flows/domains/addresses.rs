//! Which addresses count: those that are proved, while they are somebody's.

use super::{DIRECTORY, asked_for, at, comes_back_to_nothing, role, until_role, verified};
use serde_json::json;
use tests::{Api, Organization, Person, aws, unique};

#[tokio::test]
async fn an_address_counts_once_it_is_proved() {
    let acme = Organization::new("Acme").await;
    let domain = verified(&acme, "viewer").await;

    // Signed up, and not confirmed.
    let anonymous = Api::anonymous();
    let email = format!("{}@{domain}", unique("zoe"));
    let account = json!({ "email": email, "password": "Correct-Horse-1", "name": "Zoe" });
    let zoe = anonymous.post("/v1/accounts", &account).await.expect(201);
    tests::sign_in(&anonymous, &email).await.problem(401);
    let members = acme.owner.api.get(&acme.path("/members")).await.expect(200);
    assert_eq!(members["items"].as_array().unwrap().len(), 1, "{zoe}: {members}");

    // Wanted, and not confirmed; then confirmed, without another sign-in.
    let bea = Person::new("Bea").await;
    let wish = json!({ "email": format!("{}@{domain}", unique("bea")) });
    bea.api.post("/v1/me/email", &wish).await.expect(204);
    comes_back_to_nothing(&bea, &acme).await;
    let mail = aws::mail_to(wish["email"].as_str().unwrap(), "mwe_").await;
    let token = mail.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let token = token.into_iter().find(|word| word.starts_with("mwe_")).unwrap();
    let code = json!({ "code": token });
    bea.api.post("/v1/me/email/confirm", &code).await.expect(200);
    until_role(&bea, &acme, "viewer").await;

    // Another address later ends no membership.
    let cy = at(&domain, "Cy").await;
    until_role(&cy, &acme, "viewer").await;
    let elsewhere = json!({ ":email": format!("{}@example.com", unique("cy")) });
    let own = format!("USER#{}", cy.id);
    aws::update(DIRECTORY, (&own, "META"), "SET email = :email", &elsewhere).await;
    assert_eq!(role(&cy, &acme).await.as_deref(), Some("viewer"));
}

#[tokio::test]
async fn an_address_that_was_given_to_cognito_around_the_api_opens_nothing() {
    let acme = Organization::new("Acme").await;
    let domain = verified(&acme, "viewer").await;
    let mallory = Person::new("Mallory").await;
    let wanted = format!("{}@{domain}", unique("ceo"));
    let pools = json!({ "MaxResults": 10 });
    let pools = aws::call("AWSCognitoIdentityProviderService.ListUserPools", &pools).await;
    let attribute = |name: &str, value: &str| json!({ "Name": name, "Value": value });
    let update = json!({
        "UserPoolId": pools.body["UserPools"][0]["Id"], "Username": mallory.email,
        "UserAttributes": [attribute("email", &wanted), attribute("email_verified", "false")],
    });
    aws::call("AWSCognitoIdentityProviderService.AdminUpdateUserAttributes", &update).await;
    for email in [&wanted, &mallory.email] {
        tests::sign_in(&Api::anonymous(), email).await;
    }
    assert_eq!(asked_for(&mallory).await, 0);
    assert_eq!(
        mallory.api.get("/v1/me").await.expect(200)["email"],
        mallory.email.as_str()
    );
    mallory.api.get(&acme.path("")).await.problem(404);
}
