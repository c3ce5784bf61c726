//! Programs with API keys, and requests with more or less than one credential.

use crate::doubles::{NOW, ORG, World, caller, claims, event, org, token};
use authorizer::{Reason, Refusal};
use aws_dynamodb::StoredKey;
use domain::access::Rights;
use domain::credential::{FormerSecret, Token, TokenHash};
use domain::networks::SourceNetworks;
use domain::{KeyId, OrgId, Permission, Principal, Random, Scopes, ServiceError, Source};
use jiff::Timestamp;
use serde_json::{Value, json};

/// A world in which one API key opens the organisation, and the key.
fn world() -> (World, Token) {
    let mut world = World::new();
    let id: KeyId = world.authorizer.source.id();
    let token = Token::api_key(id, &world.authorizer.source);
    world.authorizer.directory.key.key = Some(stored(token.hash()));
    world.authorizer.directory.key.org = Some(org(ORG));
    (world, token)
}

fn stored(hash: TokenHash) -> StoredKey {
    StoredKey {
        org: ORG.parse().unwrap(),
        hash,
        former: None,
        scopes: vec![Permission::TelemetryWrite, Permission::FleetRead],
        expires: None,
        networks: SourceNetworks::default(),
        last_used_at: None,
    }
}

/// Randomness other than the world's, for another secret.
fn other_dice() -> Source {
    struct Other;
    impl Random for Other {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(8);
        }
    }
    Source::new(World::new().clock, Other)
}

fn on_path(key: &Token, org: &str) -> Value {
    let mut event = event(&[("X-Api-Key", key.reveal())]);
    event["pathParameters"] = json!({ "org": org });
    event
}

#[tokio::test]
async fn a_key_comes_with_its_scopes() {
    let (world, key) = world();
    let answer = world.authorizer.handle(on_path(&key, ORG)).await.unwrap();
    let caller = caller(&answer);
    assert_eq!(caller.principal, Principal::ApiKey(key.id(0)));
    assert_eq!(caller.session, None);
    let scopes = Scopes::parse("telemetry.write fleet.read");
    assert_eq!(caller.membership.unwrap().rights, Rights::Scopes(scopes));
    let asked = world.authorizer.directory.asked.lock().unwrap().clone();
    assert_eq!(asked, [(key.id::<KeyId>(0).to_string(), Some(ORG.parse().unwrap()))]);
}

#[tokio::test]
async fn a_key_of_another_organisation_has_no_place_in_this_one() {
    let (mut world, key) = world();
    let other: OrgId = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XD".parse().unwrap();
    world.authorizer.directory.key.org = Some(org(&other.to_string()));
    let answer = world
        .authorizer
        .handle(on_path(&key, &other.to_string()))
        .await
        .unwrap();
    assert_eq!(caller(&answer).membership, None);
    world.authorizer.directory.key.org = None;
    let answer = world.send(&[("x-api-key", key.reveal())]).await.unwrap();
    assert_eq!(caller(&answer).membership, None);
}

#[tokio::test]
async fn a_mistyped_key_is_not_even_looked_up() {
    let (world, key) = world();
    let text = key.reveal();
    let typo = text.replace("mwk_0", "mwk_1");
    let project = text.replace("mwk_", "mwp_");
    for wrong in [
        "",
        "x",
        &text[1..],
        &typo,
        &project,
        &text.to_lowercase(),
        &format!("{text} "),
    ] {
        let answer = world.send(&[("x-api-key", wrong)]).await;
        assert_eq!(answer, Err(Reason::MalformedKey.into()), "{wrong}");
    }
    assert!(world.authorizer.directory.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_key_ends_at_its_expiry_and_when_it_is_revoked() {
    let (mut world, key) = world();
    let end = Timestamp::from_second(NOW + 60).unwrap();
    world.authorizer.directory.key.key.as_mut().unwrap().expires = Some(end);
    world.clock.pass(59);
    assert!(world.send(&[("x-api-key", key.reveal())]).await.is_ok());
    world.clock.pass(1);
    let expired = world.send(&[("x-api-key", key.reveal())]).await;
    assert_eq!(expired, Err(Reason::ExpiredKey.into()));
    world.authorizer.directory.key.key = None;
    let revoked = world.send(&[("x-api-key", key.reveal())]).await;
    assert_eq!(revoked, Err(Reason::UnknownKey.into()));
}

#[tokio::test]
async fn a_key_of_the_right_id_and_another_secret_is_unknown() {
    let (mut world, key) = world();
    let other = Token::project(
        ORG.parse().unwrap(),
        world.authorizer.source.id(),
        &world.authorizer.source,
    );
    world.authorizer.directory.key.key = Some(stored(other.hash()));
    let answer = world.send(&[("x-api-key", key.reveal())]).await;
    assert_eq!(answer, Err(Reason::UnknownKey.into()));
}

#[tokio::test]
async fn a_key_is_good_in_its_networks_and_like_a_bad_one_elsewhere() {
    let (mut world, key) = world();
    let networks = vec!["203.0.113.0/24".to_owned(), "2001:db8::/32".to_owned()];
    world.authorizer.directory.key.key.as_mut().unwrap().networks = networks.try_into().unwrap();
    let from = |address: Value, forwarded: &str| {
        let mut event = event(&[("x-api-key", key.reveal()), ("X-Forwarded-For", forwarded)]);
        event["requestContext"]["identity"] = json!({ "sourceIp": address });
        event
    };
    for address in ["203.0.113.7", "2001:db8::7", "::ffff:203.0.113.7"] {
        let answer = world.authorizer.handle(from(json!(address), "192.0.2.1")).await;
        assert!(answer.is_ok(), "{address}");
    }
    for address in [
        json!("192.0.2.1"),
        json!("2001:db9::7"),
        json!("203.0.113.7, 192.0.2.1"),
        json!(""),
        json!(null),
    ] {
        let answer = world.authorizer.handle(from(address.clone(), "203.0.113.7")).await;
        assert_eq!(answer, Err(Reason::Network.into()), "{address}");
    }
    let nowhere = world.send(&[("x-api-key", key.reveal())]).await;
    assert_eq!(nowhere, Err(Reason::Network.into()));
    // Who guesses at a secret does not learn by it where the key is used from.
    world.authorizer.directory.key.key.as_mut().unwrap().hash = Token::api_key(key.id(0), &other_dice()).hash();
    assert_eq!(
        world.send(&[("x-api-key", key.reveal())]).await,
        Err(Reason::UnknownKey.into())
    );
}

#[tokio::test]
async fn a_rotated_key_is_good_until_the_overlap_ends() {
    let (mut world, key) = world();
    let until = Timestamp::from_second(NOW + 60).unwrap();
    let stored = world.authorizer.directory.key.key.as_mut().unwrap();
    stored.former = Some(FormerSecret {
        hash: stored.hash.clone(),
        until,
    });
    stored.hash = Token::api_key(key.id(0), &other_dice()).hash();
    world.clock.pass(59);
    assert!(world.send(&[("x-api-key", key.reveal())]).await.is_ok());
    world.clock.pass(1);
    let rotated = world.send(&[("x-api-key", key.reveal())]).await;
    assert_eq!(rotated, Err(Reason::UnknownKey.into()));
}

#[tokio::test]
async fn the_use_of_a_key_is_noted_once_a_minute_and_nobody_depends_on_it() {
    let (mut world, key) = world();
    let noted = world.authorizer.directory.noted.clone();
    for (last, notes) in [
        (None, 1),
        (Some(NOW - 60), 2),
        (Some(NOW - 59), 2),
        (Some(NOW), 2),
        (Some(NOW + 9), 2),
    ] {
        world.authorizer.directory.key.key.as_mut().unwrap().last_used_at = last;
        assert!(world.send(&[("x-api-key", key.reveal())]).await.is_ok());
        assert_eq!(noted.lock().unwrap().len(), notes, "{last:?}");
    }
    assert_eq!(noted.lock().unwrap()[0], (NOW, NOW - 60));
    world.authorizer.directory.key.key.as_mut().unwrap().last_used_at = None;
    world.authorizer.directory.notes = Some(ServiceError::Busy("throttled".into()));
    assert!(world.send(&[("x-api-key", key.reveal())]).await.is_ok());
    // A key that is refused was not used.
    world.authorizer.directory.key.key.as_mut().unwrap().expires = Timestamp::from_second(NOW).ok();
    assert!(world.send(&[("x-api-key", key.reveal())]).await.is_err());
    assert_eq!(noted.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_directory_that_fails_is_an_outage() {
    let (mut world, key) = world();
    world.authorizer.directory.down = Some(ServiceError::Failed("AccessDenied".into()));
    let answer = world.send(&[("x-api-key", key.reveal())]).await;
    assert!(matches!(answer, Err(Refusal::Outage(_))));
}

#[tokio::test]
async fn a_request_shows_exactly_one_credential() {
    let (world, key) = world();
    let (bearer, key) = (format!("Bearer {}", token(&claims())), key.reveal());
    let basic = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
    let refused: &[(&[(&str, &str)], Reason)] = &[
        (&[], Reason::NoCredentials),
        (&[("cookie", &bearer)], Reason::NoCredentials),
        (
            &[("Authorization", &bearer), ("x-api-key", key)],
            Reason::TwoCredentials,
        ),
        (&[("Authorization", ""), ("x-api-key", key)], Reason::TwoCredentials),
        (
            &[("Authorization", &bearer), ("Authorization", &bearer)],
            Reason::TwoCredentials,
        ),
        (
            &[("Authorization", &bearer), ("authorization", &bearer)],
            Reason::TwoCredentials,
        ),
        (&[("x-api-key", key), ("X-API-KEY", key)], Reason::TwoCredentials),
        (&[("Authorization", basic)], Reason::Scheme),
        (&[("Authorization", "Bearer")], Reason::Scheme),
        (&[("Authorization", &bearer[7..])], Reason::Scheme),
        (&[("Authorization", &bearer.replace(' ', "\t"))], Reason::Scheme),
        (&[("Authorization", &bearer.replace(' ', "  "))], Reason::TokenParts),
        (&[("Authorization", &format!("{bearer}, {bearer}"))], Reason::TokenParts),
        (&[("Authorization", "Bearer é")], Reason::HeaderText),
    ];
    for (headers, reason) in refused {
        let answer = world.send(headers).await;
        assert_eq!(answer, Err(Refusal::Unauthorized(*reason)), "{headers:?}");
    }
    for headers in [[("AUTHORIZATION", bearer.as_str())], [("X-API-KEY", key)]] {
        assert!(world.send(&headers).await.is_ok());
        let mut event = event(&headers);
        event["multiValueHeaders"] = Value::Null;
        assert!(world.authorizer.handle(event).await.is_ok());
    }
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_refused() {
    let (world, key) = world();
    let mut no_arn = event(&[("x-api-key", key.reveal())]);
    no_arn["methodArn"] = Value::Null;
    assert!(matches!(world.authorizer.handle(no_arn).await, Err(Refusal::Outage(_))));
    let mut odd = event(&[("x-api-key", key.reveal())]);
    odd["multiValueHeaders"]["x\n"] = json!(["y"]);
    for event in [odd, json!(null), json!({}), json!([]), json!("x")] {
        let answer = world.authorizer.handle(event).await;
        assert_eq!(answer, Err(Reason::UnreadableEvent.into()));
    }
}
