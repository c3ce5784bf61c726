//! People sign in through identity providers, and their groups bring them roles.
//!
//! In a cloud of its own, which is deployed with the parameters of two providers: one of OpenID Connect, run by the test, and one of SAML. What the
//! emulator does not do as Cognito does: it checks neither the signature of the provider's id token nor that of a SAML assertion, and does not
//! read SAML metadata.

mod browser;
mod cloud;
mod domains;
mod groups;
mod provider;
mod refusals;
mod saml;
mod sessions;

use cloud::Ground;
use serde_json::json;
use tests::Api;

#[tokio::test(flavor = "multi_thread")]
async fn people_sign_in_through_their_identity_provider() {
    // Built once, by the shared cloud, before a second one starts.
    tests::base_url();
    let (ground, cloud) = Ground::start().await;
    sessions::a_person_comes_back_as_who_they_are(&ground).await;
    sessions::whatever_ends_sign_ins_ends_these(&ground).await;
    refusals::what_cannot_begin(&ground).await;
    refusals::what_cannot_be_finished(&ground).await;
    refusals::a_code_is_worth_nothing_by_itself(&ground).await;
    refusals::an_address_makes_no_two_accounts_one(&ground).await;
    refusals::incomplete_parameters(&ground).await;
    let olga = groups::roles_follow_groups(&ground).await;
    groups::what_was_given_by_hand_stays(&ground, &olga).await;
    groups::nobody_draws_in_others(&ground, &olga).await;
    saml::a_person_signs_in_by_saml(&ground, &olga).await;
    domains::a_vouched_address_brings_its_person_in_after_their_groups(&ground, &olga).await;
    cloud.stop().await.unwrap();
}

#[tokio::test]
async fn a_deployment_without_providers_says_so() {
    let api = Api::anonymous();
    let providers = api.get("/v1/identity-providers").await.expect(200);
    assert_eq!(providers, json!({ "items": [], "next": null }));
    let start = json!({ "provider": "Okta", "redirect_uri": "https://app.example.com/callback" });
    api.post("/v1/sessions/federated/start", &start).await.problem(404);
    let finish = json!({ "code": "c", "state": "s", "ticket": "t" });
    api.post("/v1/sessions/federated", &finish).await.problem(404);
    let refresh = json!({ "refresh_token": "idp.nonsense" });
    api.post("/v1/sessions/refresh", &refresh).await.problem(401);
}
