//! Tokens that are wrong, each in one way, and the reason that the log gives.

use crate::claims::wrong_claims;
use crate::doubles::{NOW, OURS, THEIRS, World, claims, header, jwk, sign, sign_with, token, with};
use authorizer::{Reason, Refusal};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::RSA_PKCS1_SHA512;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

pub type Case = (&'static str, String, Reason);

/// A token of our key with one member of the header changed.
fn headed(name: &str, value: Value) -> String {
    sign(&with(header(), name, value).to_string(), &claims().to_string(), &OURS)
}

/// A token of our key with one claim changed.
pub fn claiming(name: &str, value: Value) -> String {
    token(&with(claims(), name, value))
}

/// A genuine token, its three parts changed by hand.
fn altered(change: impl Fn(&mut Vec<String>)) -> String {
    let mut parts: Vec<String> = token(&claims()).split('.').map(str::to_owned).collect();
    change(&mut parts);
    parts.join(".")
}

/// A token whose secret is the public key, which everybody knows: a reader that lets the token choose the algorithm takes it.
fn confused() -> String {
    let header = with(header(), "alg", json!("HS256")).to_string();
    let message = altered(|parts| {
        parts[0] = URL_SAFE_NO_PAD.encode(&header);
        parts.truncate(2);
    });
    let modulus = URL_SAFE_NO_PAD
        .decode(jwk("ours", &OURS)["n"].as_str().unwrap())
        .unwrap();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &modulus), message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn wrong_headers() -> Vec<Case> {
    let payload = claims().to_string();
    let hmac = with(header(), "alg", json!("HS256")).to_string();
    let rs512 = with(header(), "alg", json!("RS512")).to_string();
    vec![
        ("alg none", headed("alg", json!("none")), Reason::TokenHeader),
        ("alg None", headed("alg", json!("None")), Reason::TokenHeader),
        (
            "alg none, no signature",
            format!(
                "{}.{}.",
                URL_SAFE_NO_PAD.encode(r#"{"alg":"none","kid":"ours"}"#),
                URL_SAFE_NO_PAD.encode(&payload)
            ),
            Reason::TokenHeader,
        ),
        ("the public key as a secret", confused(), Reason::TokenHeader),
        ("alg HS256", sign(&hmac, &payload, &OURS), Reason::TokenHeader),
        (
            "alg RS512, truly",
            sign_with(&RSA_PKCS1_SHA512, &rs512, &payload, &OURS),
            Reason::TokenHeader,
        ),
        ("alg ES256", headed("alg", json!("ES256")), Reason::TokenHeader),
        ("alg PS256", headed("alg", json!("PS256")), Reason::TokenHeader),
        ("alg rs256", headed("alg", json!("rs256")), Reason::TokenHeader),
        ("no alg", headed("alg", Value::Null), Reason::TokenHeader),
        ("alg a list", headed("alg", json!(["RS256"])), Reason::TokenHeader),
        ("crit", headed("crit", json!(["b64"])), Reason::TokenHeader),
        ("crit empty", headed("crit", json!([])), Reason::TokenHeader),
        ("crit a text", headed("crit", json!("exp")), Reason::TokenHeader),
        // RFC 7797: the payload would be signed as it is, unencoded.
        ("b64 false", headed("b64", json!(false)), Reason::TokenHeader),
        ("b64 true", headed("b64", json!(true)), Reason::TokenHeader),
        ("typ a number", headed("typ", json!(1)), Reason::TokenHeader),
        ("no kid", headed("kid", Value::Null), Reason::TokenHeader),
        ("kid a number", headed("kid", json!(1)), Reason::TokenHeader),
        (
            "kid null",
            sign(r#"{"kid":null,"alg":"RS256"}"#, &payload, &OURS),
            Reason::TokenHeader,
        ),
        ("kid a list", headed("kid", json!(["ours"])), Reason::TokenHeader),
        ("kid empty", headed("kid", json!("")), Reason::UnknownSigningKey),
        (
            "kid in capitals",
            headed("kid", json!("OURS")),
            Reason::UnknownSigningKey,
        ),
        (
            "kid and a space",
            headed("kid", json!("ours ")),
            Reason::UnknownSigningKey,
        ),
        (
            "kid and a zero",
            headed("kid", json!("ours\0")),
            Reason::UnknownSigningKey,
        ),
        (
            "kid a query",
            headed("kid", json!("' OR 1=1 --")),
            Reason::UnknownSigningKey,
        ),
        ("unknown kid", headed("kid", json!("theirs")), Reason::UnknownSigningKey),
        (
            "kid a path",
            headed("kid", json!("../../dev/null")),
            Reason::UnknownSigningKey,
        ),
        (
            "two algs",
            sign(r#"{"kid":"ours","alg":"none","alg":"RS256"}"#, &payload, &OURS),
            Reason::TokenJson,
        ),
        (
            "two kids",
            sign(r#"{"kid":"ours","kid":"ours","alg":"RS256"}"#, &payload, &OURS),
            Reason::TokenJson,
        ),
        ("header a list", sign("[]", &payload, &OURS), Reason::TokenJson),
        (
            "header cut off",
            sign(r#"{"kid":"ours","alg":"RS256""#, &payload, &OURS),
            Reason::TokenJson,
        ),
        (
            "header and more",
            sign(r#"{"kid":"ours","alg":"RS256"}{}"#, &payload, &OURS),
            Reason::TokenJson,
        ),
    ]
}

fn wrong_shapes() -> Vec<Case> {
    let genuine = token(&claims());
    let pads = |n: usize| altered(|parts| parts[n].push('='));
    vec![
        ("nothing", String::new(), Reason::TokenParts),
        ("no dots", "abc".into(), Reason::TokenParts),
        ("two parts", altered(|parts| parts.truncate(2)), Reason::TokenParts),
        (
            "four parts",
            altered(|parts| parts.push("e30".into())),
            Reason::TokenParts,
        ),
        ("five parts, as JWE", "e30.e30.e30.e30.e30".into(), Reason::TokenParts),
        ("space before", format!(" {genuine}"), Reason::TokenParts),
        ("space behind", format!("{genuine} "), Reason::TokenParts),
        ("padded header", pads(0), Reason::TokenParts),
        ("padded signature", pads(2), Reason::TokenParts),
        ("padded payload", pads(1), Reason::TokenParts),
        (
            "padded twice",
            altered(|parts| parts[1].push_str("==")),
            Reason::TokenParts,
        ),
        ("a tab", altered(|parts| parts[1].insert(4, '\t')), Reason::TokenParts),
        (
            "standard base64",
            altered(|parts| parts[2] = STANDARD.encode([0xff; 256])),
            Reason::TokenParts,
        ),
        (
            "left-over bits",
            altered(|parts| {
                parts[2].pop();
                parts[2].push('_');
            }),
            Reason::TokenParts,
        ),
        (
            "8 KB and a byte",
            format!("{}.e30.e30", "A".repeat(8 * 1024 - 7)),
            Reason::TokenTooLong,
        ),
    ]
}

fn wrong_signatures() -> Vec<Case> {
    let brought = json!({ "kid": "ours", "alg": "RS256", "jwk": jwk("ours", &THEIRS), "jku": "https://evil.example" });
    let other = with(claims(), "sub", json!("00000000-0000-4000-8000-000000000000")).to_string();
    vec![
        (
            "another's key",
            sign(&header().to_string(), &claims().to_string(), &THEIRS),
            Reason::Signature,
        ),
        (
            "a key that it brings along",
            sign(&brought.to_string(), &claims().to_string(), &THEIRS),
            Reason::Signature,
        ),
        ("no signature", altered(|parts| parts[2].clear()), Reason::Signature),
        (
            "a short signature",
            altered(|parts| parts[2] = "AAAA".into()),
            Reason::Signature,
        ),
        (
            "a signature of zeros",
            altered(|parts| parts[2] = URL_SAFE_NO_PAD.encode([0; 256])),
            Reason::Signature,
        ),
        (
            "another payload",
            altered(|parts| parts[1] = URL_SAFE_NO_PAD.encode(&other)),
            Reason::Signature,
        ),
        (
            "SHA-512 under an RS256 header",
            sign_with(&RSA_PKCS1_SHA512, &header().to_string(), &claims().to_string(), &OURS),
            Reason::Signature,
        ),
    ]
}

#[tokio::test]
async fn a_wrong_token_opens_nothing() {
    let world = World::new();
    let cases = [wrong_headers(), wrong_shapes(), wrong_signatures(), wrong_claims()].concat();
    assert!(cases.len() >= 90, "{}", cases.len());
    for (case, token, reason) in cases {
        let answer = world.bearer(&token).await;
        assert_eq!(answer, Err(Refusal::Unauthorized(reason)), "{case}");
        let logged = format!("{answer:?}");
        assert!(token.len() < 4 || !logged.contains(&token), "{case}: {logged}");
    }
    assert!(
        world.authorizer.directory.asked.lock().unwrap().is_empty(),
        "the directory was asked"
    );
}

#[tokio::test]
async fn what_cognito_may_add_does_no_harm() {
    let world = World::new();
    for token in [
        token(&claims()),
        headed("typ", json!("JWT")),
        claiming("nbf", json!(NOW)),
        claiming("exp", json!(NOW + 1)),
        claiming("cognito:groups", json!(["a", "b"])),
    ] {
        assert!(world.bearer(&token).await.is_ok());
    }
}
