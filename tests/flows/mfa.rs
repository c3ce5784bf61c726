//! A second factor: set up, signed in with, recovered from, switched off.

use serde_json::json;
use std::collections::BTreeSet;
use tests::{Api, Person, answer_challenge, aws, sign_in};

#[tokio::test]
async fn a_second_factor_is_set_up_signed_in_with_and_switched_off() {
    let ada = Person::new("Ada").await;
    let mfa = ada.api.get("/v1/me").await.expect(200)["mfa"].clone();
    assert_eq!(mfa, json!({ "enabled": false, "recovery_codes_left": 0 }));

    let (mut phone, codes) = ada.with_authenticator().await;
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), 10);
    let mfa = ada.api.get("/v1/me").await.expect(200)["mfa"].clone();
    assert_eq!(mfa, json!({ "enabled": true, "recovery_codes_left": 10 }));
    aws::mail_to(&ada.email, "asks for a code").await;
    ada.api.post("/v1/me/mfa", &ada.proof()).await.problem(409);

    let session = answer_challenge(&ada.challenged().await, "code", &phone.code().await).await;
    let session = session.expect(201);
    let again = ada.api.bearer(session["access_token"].as_str().unwrap());
    again.get("/v1/me").await.expect(200);
    let refresh = json!({ "refresh_token": session["refresh_token"] });
    again.post("/v1/sessions/refresh", &refresh).await.expect(200);

    let mut proof = ada.proof();
    let detail = ada.api.delete_with("/v1/me/mfa", &proof).await.problem(422);
    assert!(detail.contains("/code"), "{detail}");
    proof["code"] = json!(phone.code().await);
    ada.api.delete_with("/v1/me/mfa", &proof).await.expect(204);
    ada.api.delete_with("/v1/me/mfa", &proof).await.problem(409);
    aws::mail_to(&ada.email, "password alone signs in").await;
    sign_in(&ada.api, &ada.email).await.expect(201);
}

#[tokio::test]
async fn a_recovery_code_signs_in_once_and_its_owner_is_told() {
    let ada = Person::new("Ada").await;
    let (mut phone, codes) = ada.with_authenticator().await;
    // As it is typed from paper.
    let typed = codes[0].to_lowercase().replace('-', " ");
    answer_challenge(&ada.challenged().await, "recovery_code", &typed)
        .await
        .expect(201);
    aws::mail_to(&ada.email, "used a recovery code").await;
    assert_eq!(ada.api.get("/v1/me").await.expect(200)["mfa"]["recovery_codes_left"], 9);
    // The authenticator is asked for as before.
    let session = ada.challenged().await;
    answer_challenge(&session, "recovery_code", &codes[0])
        .await
        .problem(401);
    answer_challenge(&session, "code", &phone.code().await)
        .await
        .expect(201);

    let mut proof = ada.proof();
    proof["recovery_code"] = json!(codes[1]);
    let renewed = ada.api.post("/v1/me/mfa/recovery-codes", &proof).await.expect(200);
    assert_eq!(renewed["recovery_codes"].as_array().unwrap().len(), 10);
    assert_eq!(
        ada.api.get("/v1/me").await.expect(200)["mfa"]["recovery_codes_left"],
        10
    );
    aws::mail_to(&ada.email, "other recovery codes").await;
    // Only hashes are stored.
    let rows = aws::partition(aws::DIRECTORY, &format!("USER#{}", ada.id)).await;
    let rows = json!(rows).to_string();
    let new = renewed["recovery_codes"][0].as_str().unwrap();
    assert!(!rows.contains(new) && !rows.contains(&new.replace('-', "")), "{rows}");
}

#[tokio::test]
async fn setting_up_needs_the_password_and_a_code_of_the_new_secret() {
    let ada = Person::new("Ada").await;
    let wrong = json!({ "password": "Wrong-Horse-12" });
    let detail = ada.api.post("/v1/me/mfa", &wrong).await.problem(422);
    assert!(detail.contains("/password"), "{detail}");
    let secret = ada.api.post("/v1/me/mfa", &ada.proof()).await.expect(200);
    let uri = secret["otpauth_uri"].as_str().unwrap();
    assert!(uri.starts_with("otpauth://totp/Millwright:") && uri.contains(secret["secret"].as_str().unwrap()));
    let phone = tests::Authenticator::new(secret["secret"].as_str().unwrap());
    for code in [phone.wrong(1)[0].as_str(), "12345", "1234567", "abcdef"] {
        let refused = ada.api.post("/v1/me/mfa/confirm", &json!({ "code": code })).await;
        assert!(refused.problem(422).contains("/code"));
    }
    sign_in(&Api::anonymous(), &ada.email).await.expect(201);
}

#[tokio::test]
async fn a_second_factor_that_cognito_was_left_without_is_asked_for_all_the_same() {
    let ada = Person::new("Ada").await;
    let (mut phone, _) = ada.with_authenticator().await;
    // What a crash in the middle of using a recovery code leaves behind.
    let pools = aws::call(
        "AWSCognitoIdentityProviderService.ListUserPools",
        &json!({ "MaxResults": 10 }),
    )
    .await;
    let off = json!({
        "UserPoolId": pools.body["UserPools"][0]["Id"],
        "Username": ada.email,
        "SoftwareTokenMfaSettings": { "Enabled": false, "PreferredMfa": false },
    });
    aws::call("AWSCognitoIdentityProviderService.AdminSetUserMFAPreference", &off).await;
    answer_challenge(&ada.challenged().await, "code", &phone.code().await)
        .await
        .expect(201);
}
