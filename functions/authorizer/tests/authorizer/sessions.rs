//! Sessions of devices: what opens a device's routes, and the tokens that are wrong, each in one way, with the reason that the log gives.

use crate::doubles::{NOW, ORG, SESSION_ISSUER, World, caller, claims, event, org, token, with};
use authorizer::{Reason, Refusal};
use aws_dynamodb::StoredMachine;
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::access::Rights;
use domain::session::{PublishedKey, PublishedKeys, Series, SessionError as E};
use domain::{OrgId, Permission, Principal, SeriesId, ServiceError};
use serde_json::{Value, json};
use std::sync::LazyLock;
use std::sync::atomic::Ordering;

const DEVICE: &str = "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC";
const MACHINE: &str = "mch_01KAF2Z7M0V8Q4J3T6B9N5R1XC";
const PROJECT: &str = "prj_01KAF2Z7M0V8Q4J3T6B9N5R1XC";

static OURS: LazyLock<Ed25519KeyPair> = LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap());
static THEIRS: LazyLock<Ed25519KeyPair> = LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[2; 32]).unwrap());

fn published(id: &str, key: &Ed25519KeyPair, until: i64) -> PublishedKey {
    PublishedKey {
        id: id.into(),
        public: URL_SAFE_NO_PAD.encode(key.public_key()),
        until,
    }
}

/// A world whose sessions are signed with our key.
fn world() -> World {
    let mut world = World::new();
    let directory = &mut world.authorizer.directory;
    directory.session_keys = PublishedKeys {
        keys: vec![published("ours", &OURS, NOW + 7200)],
        version: 1,
    };
    directory.device.org = Some(org(ORG));
    world
}

fn head() -> Value {
    json!({ "alg": "EdDSA", "kid": "ours", "typ": "mws+jwt" })
}

fn says() -> Value {
    json!({
        "iss": SESSION_ISSUER, "aud": "device", "sub": DEVICE, "org": ORG, "prj": PROJECT, "series": [null, null],
        "iat": NOW, "exp": NOW + 3600,
    })
}

/// A token of any header and payload, as texts.
fn sign_text(head: &str, payload: &str, key: &Ed25519KeyPair) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(payload));
    format!("mws_{message}.{}", URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes())))
}

fn sign(head: &Value, payload: &Value) -> String {
    sign_text(&head.to_string(), &payload.to_string(), &OURS)
}

fn genuine() -> String {
    sign(&head(), &says())
}

fn headed(name: &str, value: Value) -> String {
    sign(&with(head(), name, value), &says())
}

fn claiming(name: &str, value: Value) -> String {
    sign(&head(), &with(says(), name, value))
}

/// The genuine token, its three parts changed by hand.
fn altered(change: impl Fn(&mut Vec<String>)) -> String {
    let genuine = genuine();
    let mut parts: Vec<String> = genuine["mws_".len()..].split('.').map(str::to_owned).collect();
    change(&mut parts);
    format!("mws_{}", parts.join("."))
}

/// A token whose secret is the public key, which is no secret.
fn confused() -> String {
    let head = with(head(), "alg", json!("HS256")).to_string();
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(head),
        URL_SAFE_NO_PAD.encode(says().to_string())
    );
    let key = hmac::Key::new(hmac::HMAC_SHA256, OURS.public_key().as_ref());
    let tag = hmac::sign(&key, message.as_bytes());
    format!("mws_{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

type Case = (&'static str, String, E);

fn wrong_shapes() -> Vec<Case> {
    vec![
        ("nothing but the prefix", "mws_".into(), E::Parts),
        ("two parts", altered(|parts| parts.truncate(2)), E::Parts),
        ("four parts", altered(|parts| parts.push("e30".into())), E::Parts),
        ("padded header", altered(|parts| parts[0].push('=')), E::Parts),
        ("padded payload", altered(|parts| parts[1].push('=')), E::Parts),
        ("padded signature", altered(|parts| parts[2].push('=')), E::Parts),
        (
            "standard base64",
            altered(|parts| parts[2] = STANDARD.encode([0xff; 64])),
            E::Parts,
        ),
        ("space behind", format!("{} ", genuine()), E::Parts),
        ("a kilobyte and a byte", format!("mws_{}", "A".repeat(1021)), E::TooLong),
        ("the prefix twice", format!("mws_{}", genuine()), E::Header),
    ]
}

fn wrong_headers() -> Vec<Case> {
    let says = says().to_string();
    vec![
        ("alg none", headed("alg", json!("none")), E::Header),
        (
            "alg none, no signature",
            altered(|parts| {
                parts[0] = URL_SAFE_NO_PAD.encode(with(head(), "alg", json!("none")).to_string());
                parts[2].clear();
            }),
            E::Header,
        ),
        ("the public key as a secret", confused(), E::Header),
        ("alg RS256", headed("alg", json!("RS256")), E::Header),
        ("alg Ed25519", headed("alg", json!("Ed25519")), E::Header),
        ("alg eddsa", headed("alg", json!("eddsa")), E::Header),
        ("alg a list", headed("alg", json!(["EdDSA"])), E::Header),
        ("no alg", headed("alg", Value::Null), E::Header),
        ("typ JWT", headed("typ", json!("JWT")), E::Header),
        ("no typ", headed("typ", Value::Null), E::Header),
        ("no kid", headed("kid", Value::Null), E::Header),
        ("kid a number", headed("kid", json!(1)), E::Header),
        ("kid endless", headed("kid", json!("k".repeat(65))), E::Header),
        ("unknown kid", headed("kid", json!("theirs")), E::UnknownKey),
        ("kid a path", headed("kid", json!("../../dev/null")), E::UnknownKey),
        ("crit", headed("crit", json!(["b64"])), E::Header),
        ("b64", headed("b64", json!(false)), E::Header),
        (
            "a key that it brings along",
            headed("jwk", json!({ "kty": "OKP" })),
            E::Header,
        ),
        (
            "two algs",
            sign_text(
                r#"{"alg":"none","alg":"EdDSA","kid":"ours","typ":"mws+jwt"}"#,
                &says,
                &OURS,
            ),
            E::Header,
        ),
        (
            "another order",
            sign_text(r#"{"kid":"ours","alg":"EdDSA","typ":"mws+jwt"}"#, &says, &OURS),
            E::Header,
        ),
        (
            "white space",
            sign_text(r#"{"alg":"EdDSA","kid":"ours", "typ":"mws+jwt"}"#, &says, &OURS),
            E::Header,
        ),
        (
            "header a list",
            sign_text(r#"["EdDSA","ours","mws+jwt"]"#, &says, &OURS),
            E::Header,
        ),
        (
            "header cut off",
            sign_text(r#"{"alg":"EdDSA","kid":"ours""#, &says, &OURS),
            E::Header,
        ),
    ]
}

fn wrong_signatures() -> Vec<Case> {
    let other = with(says(), "sub", json!("dev_01KAF2Z7M0V8Q4J3T6B9N5R1XD")).to_string();
    vec![
        (
            "another's key",
            sign_text(&head().to_string(), &says().to_string(), &THEIRS),
            E::Signature,
        ),
        ("no signature", altered(|parts| parts[2].clear()), E::Signature),
        (
            "a short signature",
            altered(|parts| parts[2] = "AAAA".into()),
            E::Signature,
        ),
        (
            "zeros",
            altered(|parts| parts[2] = URL_SAFE_NO_PAD.encode([0; 64])),
            E::Signature,
        ),
        (
            "another payload",
            altered(|parts| parts[1] = URL_SAFE_NO_PAD.encode(&other)),
            E::Signature,
        ),
    ]
}

fn wrong_claims() -> Vec<Case> {
    let head = head().to_string();
    let twice = says()
        .to_string()
        .replacen('{', r#"{"sub":"dev_01KAF2Z7M0V8Q4J3T6B9N5R1XD","#, 1);
    vec![
        (
            "another deployment",
            claiming("iss", json!("millwright-prod")),
            E::Issuer,
        ),
        ("no iss", claiming("iss", Value::Null), E::Claims),
        ("expired", claiming("exp", json!(NOW)), E::Expired),
        ("exp a text", claiming("exp", json!((NOW + 60).to_string())), E::Claims),
        ("exp a fraction", claiming("exp", json!(1_767_323_046.5)), E::Claims),
        ("no exp", claiming("exp", Value::Null), E::Claims),
        (
            "a life of more than an hour",
            claiming("exp", json!(NOW + 3601)),
            E::TooLongALife,
        ),
        ("a life without end", claiming("exp", json!(i64::MAX)), E::TooLongALife),
        ("granted long before", claiming("iat", json!(i64::MIN)), E::TooLongALife),
        ("granted in the future", claiming("iat", json!(NOW + 61)), E::NotYet),
        (
            "for machines, and a device's",
            claiming("aud", json!("machine")),
            E::Claims,
        ),
        ("for both", claiming("aud", json!(["device", "machine"])), E::Claims),
        ("for people", claiming("aud", json!("user")), E::Claims),
        (
            "a person's",
            claiming("sub", json!("usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC")),
            E::Claims,
        ),
        (
            "a key's",
            claiming("sub", json!("key_01KAF2Z7M0V8Q4J3T6B9N5R1XC")),
            E::Claims,
        ),
        ("nobody's", claiming("sub", Value::Null), E::Claims),
        ("of no organisation", claiming("org", Value::Null), E::Claims),
        ("of no project", claiming("prj", Value::Null), E::Claims),
        ("of no series", claiming("series", Value::Null), E::Claims),
        ("of one series", claiming("series", json!([null])), E::Claims),
        (
            "a series that is none",
            claiming("series", json!(["x", null])),
            E::Claims,
        ),
        ("a claim too many", claiming("scope", json!("key.manage")), E::Claims),
        ("two subjects", sign_text(&head, &twice, &OURS), E::Claims),
        ("a list", sign_text(&head, "[]", &OURS), E::Claims),
        (
            "claims and more",
            sign_text(&head, &format!("{}{{}}", says()), &OURS),
            E::Claims,
        ),
    ]
}

#[tokio::test]
async fn a_wrong_session_opens_nothing() {
    let world = world();
    let tables = [wrong_shapes(), wrong_headers(), wrong_signatures(), wrong_claims()];
    for (case, token, reason) in tables.concat() {
        let answer = world.bearer(&token).await;
        assert_eq!(answer, Err(Refusal::Unauthorized(Reason::Machine(reason))), "{case}");
    }
    let asked = world.authorizer.directory.asked.lock().unwrap().clone();
    assert!(asked.is_empty(), "the directory was asked about {asked:?}");
}

#[tokio::test]
async fn neither_passes_for_the_other() {
    let world = world();
    let (session, access) = (genuine(), token(&claims()));
    let bare = world.bearer(&session["mws_".len()..]).await;
    assert_eq!(bare, Err(Reason::TokenHeader.into()));
    let dressed = world.bearer(&format!("mws_{access}")).await;
    assert!(
        matches!(dressed, Err(Refusal::Unauthorized(Reason::Machine(_)))),
        "{dressed:?}"
    );
    let as_key = world.send(&[("x-api-key", &session)]).await;
    assert_eq!(as_key, Err(Reason::MalformedKey.into()));
}

async fn on_path(world: &World, token: &str, org: &str) -> domain::Caller {
    let mut event = event(&[("authorization", &format!("Bearer {token}"))]);
    event["pathParameters"] = json!({ "org": org });
    caller(&world.authorizer.handle(event).await.unwrap())
}

#[tokio::test]
async fn a_session_is_its_devices_in_its_organisation_and_has_no_place_in_another() {
    let world = world();
    let device = caller(&world.bearer(&genuine()).await.unwrap());
    assert_eq!(device.principal, Principal::Device(DEVICE.parse().unwrap()));
    let (id, grant) = device.device().unwrap();
    assert_eq!((id.to_string(), grant.actor()), (DEVICE.to_owned(), DEVICE));
    let series: Series = device.session.as_deref().unwrap().parse().unwrap();
    assert_eq!(series.project.to_string(), PROJECT);

    let home = on_path(&world, &genuine(), ORG).await;
    assert_eq!(home.membership.map(|home| home.rights), Some(Rights::Device));
    let abroad = on_path(&world, &genuine(), "org_01KAF2Z7M0V8Q4J3T6B9N5R1XD").await;
    assert_eq!(abroad.membership, None);
    let asked = world.authorizer.directory.asked.lock().unwrap().clone();
    let ours: OrgId = ORG.parse().unwrap();
    assert_eq!(
        asked,
        vec![(format!("{DEVICE} {PROJECT}"), Some(ours)); 3],
        "one look-up a request"
    );
}

#[tokio::test]
async fn a_session_ends_with_its_series_and_with_its_organisation() {
    let mut world = world();
    let series = |n: u128| SeriesId::from(ulid::Ulid(n));
    let of = |device: Option<u128>, project: Option<u128>| {
        claiming("series", json!([device.map(series), project.map(series)]))
    };
    for (told, token, good) in [
        ((None, None), of(None, None), true),
        ((Some(1), None), of(None, None), false),
        ((None, Some(1)), of(None, None), false),
        ((Some(1), Some(2)), of(Some(1), Some(2)), true),
        ((Some(1), Some(3)), of(Some(1), Some(2)), false),
        ((Some(2), None), of(Some(1), None), false),
        ((None, None), of(Some(1), Some(2)), true),
    ] {
        let device = &mut world.authorizer.directory.device;
        (device.of_device, device.of_project) = (told.0.map(series), told.1.map(series));
        let answer = world.bearer(&token).await;
        assert_eq!(answer.is_ok(), good, "{told:?}");
        assert!(good || answer == Err(Reason::SessionEnded.into()));
    }
    world.authorizer.directory.device.org = None;
    assert_eq!(world.bearer(&of(None, None)).await, Err(Reason::SessionEnded.into()));
}

#[tokio::test]
async fn a_machine_has_the_scopes_that_it_has_now_and_none_once_it_is_removed() {
    let mut world = world();
    let says = with(with(says(), "prj", Value::Null), "series", Value::Null);
    let says = with(with(says, "aud", json!("machine")), "sub", json!(MACHINE));
    let token = sign(&head(), &says);
    let registered = StoredMachine {
        org: ORG.parse().unwrap(),
        scopes: vec![Permission::FleetRead],
    };
    world.authorizer.directory.machine.org = Some(org(ORG));
    world.authorizer.directory.machine.machine = Some(registered.clone());
    let machine = on_path(&world, &token, ORG).await;
    assert_eq!(
        (machine.principal, &machine.session),
        (Principal::Machine(MACHINE.parse().unwrap()), &None)
    );
    assert!(machine.require(registered.org, Permission::FleetRead).is_ok());
    assert!(machine.require(registered.org, Permission::FleetWrite).is_err());
    assert!(machine.device().is_err() && machine.person().is_err() && machine.staff().is_err());
    let abroad = on_path(&world, &token, "org_01KAF2Z7M0V8Q4J3T6B9N5R1XD").await;
    assert_eq!(abroad.membership, None);

    let elsewhere = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XD".parse().unwrap();
    let others = StoredMachine {
        org: elsewhere,
        ..registered
    };
    for gone in [Some(others), None] {
        world.authorizer.directory.machine.machine = gone;
        assert_eq!(world.bearer(&token).await, Err(Reason::SessionEnded.into()));
    }
}

#[tokio::test]
async fn keys_are_read_once_a_minute_and_sooner_for_one_that_is_new() {
    let mut world = world();
    let looks = world.authorizer.directory.looks.clone();
    let new = sign(&with(head(), "kid", json!("new")), &says());
    assert!(world.bearer(&genuine()).await.is_ok() && world.bearer(&genuine()).await.is_ok());
    assert_eq!(looks.load(Ordering::SeqCst), 1);
    for _ in 0..3 {
        assert_eq!(world.bearer(&new).await, Err(Reason::Machine(E::UnknownKey).into()));
    }
    assert_eq!(
        looks.load(Ordering::SeqCst),
        1,
        "a made-up key has nobody look within ten seconds"
    );

    let keys = &mut world.authorizer.directory.session_keys.keys;
    keys.push(published("new", &OURS, NOW + 7200));
    world.clock.pass(10);
    assert!(world.bearer(&new).await.is_ok(), "a rotated key is noticed");
    assert!(
        world.bearer(&genuine()).await.is_ok(),
        "what the old key signed stays good"
    );
    assert_eq!(looks.load(Ordering::SeqCst), 2);

    // A key taken off the list counts no more a minute later; one whose time is over, at once.
    world.authorizer.directory.session_keys.keys.remove(0);
    world.clock.pass(59);
    assert!(world.bearer(&genuine()).await.is_ok());
    world.clock.pass(1);
    assert_eq!(
        world.bearer(&genuine()).await,
        Err(Reason::Machine(E::UnknownKey).into())
    );
    world.authorizer.directory.session_keys.keys[0].until = NOW + 135;
    world.clock.pass(60);
    assert!(world.bearer(&new).await.is_ok());
    world.clock.pass(5);
    assert_eq!(world.bearer(&new).await, Err(Reason::Machine(E::UnknownKey).into()));
}

#[tokio::test]
async fn a_directory_that_fails_is_an_outage() {
    let mut world = world();
    world.authorizer.directory.down = Some(ServiceError::Busy("throttled".into()));
    assert!(matches!(world.bearer(&genuine()).await, Err(Refusal::Outage(_))));
}
