//! Tokens that are genuine and say what they should not.

use crate::doubles::{CLIENT, ISSUER, NOW, OURS, claims, header, sign, with};
use crate::forgeries::{Case, claiming};
use authorizer::Reason;
use serde_json::{Value, json};

const GROUPS: &str = "cognito:groups";

/// Each wrong in one claim, with the reason that the log gives.
pub fn wrong_claims() -> Vec<Case> {
    let raw = |payload: &str| sign(&header().to_string(), payload, &OURS);
    let doubled = claims().to_string().replacen('{', r#"{"sub":"x","#, 1);
    let nested = claims().to_string().replacen('{', r#"{"extra":{"a":1,"a":2},"#, 1);
    // As ID tokens say it (OpenID Connect Core section 2).
    let audience = with(with(claims(), "client_id", Value::Null), "aud", json!(CLIENT));
    let audience = raw(&audience.to_string());
    vec![
        ("payload a text", raw("\"x\""), Reason::TokenJson),
        ("two subs", raw(&doubled), Reason::TokenJson),
        ("two members within a member", raw(&nested), Reason::TokenJson),
        (
            "another issuer",
            claiming("iss", json!("https://evil.example")),
            Reason::Issuer,
        ),
        (
            "the issuer with a slash",
            claiming("iss", json!(format!("{}/", ISSUER))),
            Reason::Issuer,
        ),
        ("issuers", claiming("iss", json!([ISSUER])), Reason::Issuer),
        ("no issuer", claiming("iss", Value::Null), Reason::Issuer),
        ("another client", claiming("client_id", json!("other")), Reason::Client),
        ("no client", claiming("client_id", Value::Null), Reason::Client),
        ("clients", claiming("client_id", json!([CLIENT])), Reason::Client),
        ("the client as audience", audience, Reason::Client),
        ("an ID token", claiming("token_use", json!("id")), Reason::TokenUse),
        ("no use", claiming("token_use", Value::Null), Reason::TokenUse),
        (
            "no sign-in time",
            claiming("auth_time", Value::Null),
            Reason::SignInTime,
        ),
        (
            "sign-in time a text",
            claiming("auth_time", json!("0")),
            Reason::SignInTime,
        ),
        ("expired", claiming("exp", json!(NOW - 1)), Reason::Expired),
        ("expires now", claiming("exp", json!(NOW)), Reason::Expired),
        ("no expiry", claiming("exp", Value::Null), Reason::Expired),
        (
            "expiry a text",
            claiming("exp", json!((NOW + 3600).to_string())),
            Reason::Expired,
        ),
        ("expiry a fraction", claiming("exp", json!(1e10 + 0.5)), Reason::Expired),
        ("expiry without end", claiming("exp", json!(1e300)), Reason::Expired),
        (
            "expiry beyond all time",
            claiming("exp", json!(u64::MAX)),
            Reason::Expired,
        ),
        ("expiry true", claiming("exp", json!(true)), Reason::Expired),
        ("expiry before all time", claiming("exp", json!(-1)), Reason::Expired),
        ("expiry a list", claiming("exp", json!([NOW + 3600])), Reason::Expired),
        (
            "not yet for a century",
            claiming("nbf", json!(NOW + 3_155_760_000_i64)),
            Reason::NotYet,
        ),
        ("nbf a fraction", claiming("nbf", json!(0.5)), Reason::NotYet),
        ("not yet", claiming("nbf", json!(NOW + 1)), Reason::NotYet),
        ("nbf a text", claiming("nbf", json!("0")), Reason::NotYet),
        ("sub not a UUID", claiming("sub", json!("admin")), Reason::Subject),
        ("sub a number", claiming("sub", json!(1)), Reason::Subject),
        ("no sub", claiming("sub", Value::Null), Reason::Subject),
        ("no session", claiming("origin_jti", Value::Null), Reason::Session),
        ("session empty", claiming("origin_jti", json!("")), Reason::Session),
        ("session a list", claiming("origin_jti", json!(["x"])), Reason::Session),
        (
            "session too long",
            claiming("origin_jti", json!("x".repeat(129))),
            Reason::Session,
        ),
        (
            "session with a separator",
            claiming("origin_jti", json!("x#y")),
            Reason::Session,
        ),
        ("groups a text", claiming(GROUPS, json!("staff")), Reason::Groups),
        (
            "groups an object",
            claiming(GROUPS, json!({ "staff": true })),
            Reason::Groups,
        ),
        (
            "a group a number",
            claiming(GROUPS, json!(["staff", 1])),
            Reason::Groups,
        ),
        (
            "a group in a group",
            claiming(GROUPS, json!([["staff"]])),
            Reason::Groups,
        ),
        ("a group null", claiming(GROUPS, json!(["staff", null])), Reason::Groups),
        (
            "a group without a name",
            claiming(GROUPS, json!(["staff", ""])),
            Reason::Groups,
        ),
        (
            "a group of too long a name",
            claiming(GROUPS, json!(["staff", "x".repeat(129)])),
            Reason::Groups,
        ),
        (
            "too many groups",
            claiming(GROUPS, json!(vec!["staff"; 101])),
            Reason::Groups,
        ),
    ]
}
