//! Whatever comes in, nothing panics and nothing but a genuine credential is let through.

use crate::doubles::{OURS, World, claims, event, header, sign, token};
use authorizer::{Answer, Refusal};
use proptest::prelude::*;
use serde_json::Value;
use std::sync::LazyLock;

static GENUINE: LazyLock<String> = LazyLock::new(|| token(&claims()));

fn handle(event: Value) -> Result<Answer, Refusal> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.unwrap().block_on(World::new().authorizer.handle(event))
}

fn refused(event: Value) {
    assert!(matches!(handle(event), Err(Refusal::Unauthorized(_))));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("headers|multiValueHeaders|authorization|exp|sub|.*", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_headers(headers in prop::collection::vec(("(?i)authorization|(?i)x-api-key|.*", "(Bearer )?.*"), 0..4)) {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        refused(event(&headers));
    }

    #[test]
    fn any_token(token in "[A-Za-z0-9_.=-]{0,200}|([A-Za-z0-9_-]{0,80}\\.){2}[A-Za-z0-9_-]{0,80}") {
        refused(event(&[("authorization", &format!("Bearer {token}"))]));
    }

    #[test]
    fn any_api_key(rest in "[0-9A-HJKMNP-TV-Z]{65}|.*") {
        refused(event(&[("x-api-key", &format!("mwk_{rest}"))]));
    }

    #[test]
    fn any_event(event in any_json()) {
        refused(event);
    }

    #[test]
    fn any_character_of_a_genuine_token_changed(at in any::<prop::sample::Index>(), new in "[A-Za-z0-9_.=-]") {
        let (at, mut token) = (at.index(GENUINE.len()), GENUINE.clone());
        token.replace_range(at..=at, &new);
        let answer = handle(event(&[("authorization", &format!("Bearer {token}"))]));
        prop_assert_eq!(answer.is_ok(), token == *GENUINE);
    }

    #[test]
    fn any_header_and_payload_of_our_own_key(head in any_json(), body in any_json()) {
        let signed = |head: &str, body: &str| format!("Bearer {}", sign(head, body, &OURS));
        refused(event(&[("authorization", &signed(&head.to_string(), &claims().to_string()))]));
        refused(event(&[("authorization", &signed(&header().to_string(), &body.to_string()))]));
    }
}
