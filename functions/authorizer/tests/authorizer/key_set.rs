//! When the signing keys are fetched, and what follows from a fetch that fails.

use crate::doubles::{OURS, THEIRS, World, claims, jwk, sign, token};
use authorizer::{Reason, Refusal};
use aws_lc_rs::rsa::KeyPair;
use serde_json::{Value, json};

fn signed_by(kid: &str, key: &KeyPair) -> String {
    let header = json!({ "kid": kid, "alg": "RS256" });
    sign(&header.to_string(), &claims().to_string(), key)
}

fn is_outage<T>(answer: &Result<T, Refusal>) -> bool {
    matches!(answer, Err(Refusal::Outage(_)))
}

#[tokio::test]
async fn the_keys_are_fetched_once() {
    let world = World::new();
    assert_eq!(world.published.count(), 0);
    for _ in 0..3 {
        assert!(world.bearer(&token(&claims())).await.is_ok());
        world.clock.pass(600);
    }
    assert_eq!(world.published.count(), 1);
}

#[tokio::test]
async fn keys_fetched_ahead_are_there_and_a_fetch_that_failed_is_made_again_at_once() {
    let world = World::new();
    world.published.fail();
    world.authorizer.keys.fetch_ahead().await;
    world.published.set(&[jwk("ours", &OURS)]);
    assert!(world.bearer(&token(&claims())).await.is_ok());
    assert_eq!(world.published.count(), 2);

    let world = World::new();
    world.authorizer.keys.fetch_ahead().await;
    assert!(world.bearer(&token(&claims())).await.is_ok());
    assert_eq!(world.published.count(), 1);
}

#[tokio::test]
async fn made_up_keys_cause_one_fetch_in_ten_seconds() {
    let world = World::new();
    let unknown = Err(Refusal::Unauthorized(Reason::UnknownSigningKey));
    for second in 0..25 {
        let answer = world.bearer(&signed_by(&format!("made up {second}"), &THEIRS)).await;
        assert_eq!(answer, unknown);
        world.clock.pass(1);
    }
    assert_eq!(world.published.count(), 3);
}

#[tokio::test]
async fn a_new_key_is_found_and_an_old_one_forgotten() {
    let world = World::new();
    assert!(world.bearer(&signed_by("ours", &OURS)).await.is_ok());
    world.published.set(&[jwk("next", &THEIRS)]);
    let next = signed_by("next", &THEIRS);
    world.clock.pass(9);
    assert!(world.bearer(&next).await.is_err());
    world.clock.pass(1);
    assert!(world.bearer(&next).await.is_ok());
    assert!(world.bearer(&signed_by("ours", &OURS)).await.is_err());
}

#[tokio::test]
async fn keys_that_do_not_come_are_an_outage_and_not_the_callers_fault() {
    let world = World::new();
    world.published.fail();
    let good = token(&claims());
    assert!(is_outage(&world.bearer(&good).await));
    world.clock.pass(9);
    assert!(is_outage(&world.bearer(&good).await));
    assert_eq!(world.published.count(), 1, "a failed fetch counts too");
    world.published.set(&[jwk("ours", &OURS)]);
    world.clock.pass(1);
    assert!(world.bearer(&good).await.is_ok());
}

#[tokio::test]
async fn known_keys_serve_through_an_outage() {
    let world = World::new();
    assert!(world.bearer(&token(&claims())).await.is_ok());
    world.published.fail();
    world.clock.pass(10);
    assert!(is_outage(&world.bearer(&signed_by("next", &THEIRS)).await));
    assert!(world.bearer(&token(&claims())).await.is_ok());
}

#[tokio::test]
async fn a_clock_set_back_does_not_stop_fetching() {
    let world = World::new();
    world.published.fail();
    assert!(is_outage(&world.bearer(&token(&claims())).await));
    world.clock.pass(-60);
    world.published.set(&[jwk("ours", &OURS)]);
    assert!(world.bearer(&token(&claims())).await.is_ok());
}

fn changed(name: &str, value: &str) -> Value {
    crate::doubles::with(jwk("ours", &OURS), name, json!(value))
}

#[tokio::test]
async fn only_rsa_keys_for_signatures_count() {
    let unusable = [
        changed("kty", "EC"),
        changed("use", "enc"),
        changed("alg", "RS512"),
        changed("n", "not base64!"),
        json!({ "kty": "oct", "kid": "ours", "k": "c2VjcmV0" }),
        json!("ours"),
    ];
    for key in &unusable {
        let world = World::new();
        world.published.set(&[key.clone(), jwk("another", &THEIRS)]);
        let refused = Err(Refusal::Unauthorized(Reason::UnknownSigningKey));
        assert_eq!(world.bearer(&token(&claims())).await, refused, "{key}");
        world.published.set(std::slice::from_ref(key));
        world.clock.pass(10);
        assert!(is_outage(&world.bearer(&token(&claims())).await), "{key}");
    }
}
