//! Id tokens that are as they should be, and those that are wrong in one thing each.

use super::*;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Clock, Random, Source};
use serde_json::json;
use std::sync::LazyLock;

const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example01";
const CLIENT: &str = "2example23456789";
const NONCE: &str = "n-0S6_WzA2Mj";
/// 2026-01-02T03:04:05Z.
const NOW: i64 = 1_767_323_045;

static OURS: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).unwrap());
static THEIRS: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).unwrap());

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }
}

impl Random for Still {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

struct Published;

impl FetchKeys for Published {
    async fn fetch(&self) -> Result<Vec<u8>, String> {
        let public = PublicKeyComponents::<Vec<u8>>::from(OURS.public_key());
        let (n, e) = (URL_SAFE_NO_PAD.encode(public.n), URL_SAFE_NO_PAD.encode(public.e));
        let key = json!({ "kty": "RSA", "alg": "RS256", "use": "sig", "kid": "ours", "n": n, "e": e });
        Ok(json!({ "keys": [key] }).to_string().into_bytes())
    }
}

fn claims() -> Value {
    json!({
        "sub": "c58f7e2e-c834-622d-b909-b7cd45fe0163", "iss": ISSUER, "aud": CLIENT, "token_use": "id", "nonce": NONCE,
        "cognito:username": "Okta_00u1", "identities": [{ "userId": "00u1", "providerName": "Okta", "primary": "true" }],
        "email": "ada@example.com", "email_verified": true, "name": "Ada", "custom:groups": "[press, leads]",
        "exp": NOW + 3600, "iat": NOW, "auth_time": NOW,
    })
}

fn signed(claims: &Value, key: &KeyPair) -> String {
    let header = json!({ "kid": "ours", "alg": "RS256" }).to_string();
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        message.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

async fn take(token: &str) -> Result<IdToken, IdFault> {
    let source = Source::new(Still, Still);
    let rules = IdRules {
        issuer: ISSUER.to_owned(),
        client: CLIENT.to_owned(),
    };
    let keys = KeySet::new(Published, source.clone());
    IdToken::verify(token, &keys, &rules, (NONCE, source.now())).await
}

#[tokio::test]
async fn an_id_token_tells_who_signed_in_and_where() {
    let taken = take(&signed(&claims(), &OURS)).await.unwrap();
    assert_eq!(
        taken.user,
        UserId::from_sub("c58f7e2e-c834-622d-b909-b7cd45fe0163").unwrap()
    );
    let texts = [&taken.username, &taken.provider].map(String::as_str);
    assert_eq!(texts, ["Okta_00u1", "Okta"]);
    assert_eq!(taken.groups.as_deref(), Some("[press, leads]"));
    assert!(taken.email_verified);
}

#[tokio::test]
async fn an_id_token_wrong_in_one_thing_is_refused_for_it() {
    use IdFault as Is;
    for (claim, value, fault) in [
        ("iss", json!("https://evil.example"), Is::Foreign("iss")),
        ("aud", json!("1example23456789"), Is::Foreign("aud")),
        ("aud", json!([CLIENT]), Is::Foreign("aud")),
        ("token_use", json!("access"), Is::Foreign("token_use")),
        ("nonce", json!("another"), Is::Foreign("nonce")),
        ("nonce", Value::Null, Is::Foreign("nonce")),
        ("exp", json!(NOW), Is::Token(TokenFault::Expired)),
        ("nbf", json!(NOW + 1), Is::Token(TokenFault::NotYet)),
        ("sub", json!("admin"), Is::Incomplete("a sub that is a UUID")),
        ("cognito:username", Value::Null, Is::Incomplete("a user name")),
        // Somebody with a password in the pool itself.
        ("identities", Value::Null, Is::Incomplete("an identity provider")),
        ("identities", json!([]), Is::Incomplete("an identity provider")),
    ] {
        let mut wrong = claims();
        wrong[claim] = value;
        assert_eq!(take(&signed(&wrong, &OURS)).await, Err(fault), "{wrong}");
    }
}

#[tokio::test]
async fn an_id_token_that_somebody_changed_is_refused() {
    let good = signed(&claims(), &OURS);
    let mut forged = claims();
    forged["custom:groups"] = json!("[admins]");
    let payload = URL_SAFE_NO_PAD.encode(forged.to_string());
    let mut parts: Vec<_> = good.split('.').collect();
    parts[1] = &payload;
    let refused = Err(IdFault::Token(TokenFault::Signature));
    assert_eq!(take(&parts.join(".")).await, refused);
    assert_eq!(take(&signed(&claims(), &THEIRS)).await, refused);
}

#[tokio::test]
async fn only_a_provider_that_says_so_has_seen_the_address() {
    for (said, verified) in [
        (json!(true), true),
        (json!("true"), true),
        (json!(false), false),
        (json!("True"), false),
        (json!(1), false),
        (Value::Null, false),
    ] {
        let mut claims = claims();
        claims["email_verified"] = said;
        assert_eq!(take(&signed(&claims, &OURS)).await.unwrap().email_verified, verified);
    }
}
