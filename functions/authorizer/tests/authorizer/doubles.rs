//! What stands in for Cognito, the directory and the clock.

use authorizer::{Answer, Authorizer, Credentials, FetchKeys, KeySet, Refusal, Sessions, TokenRules};
use aws_dynamodb::{DeviceCredentials, KeyCredentials, MachineCredentials, UserCredentials};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaEncoding};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::organization::{OrgStatus, Organization};
use domain::session::PublishedKeys;
use domain::text::Name;
use domain::{Caller, Clock, DeviceId, KeyId, MachineId, OrgId, ProjectId, Random, ServiceError, Source, UserId};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

pub const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example01";
pub const CLIENT: &str = "1example23456789";
/// The client of sign-ins through identity providers.
pub const FEDERATED: &str = "2example23456789";
pub const SUB: &str = "c58f7e2e-c834-622d-b909-b7cd45fe0163";
pub const SESSION: &str = "8e9f0a1b-2c3d-4e5f-8a9b-0c1d2e3f4a5b";
pub const SESSION_ISSUER: &str = "millwright-dev";
pub const ORG: &str = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC";
pub const ARN: &str = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/live/GET/v1/me";
/// 2026-01-02T03:04:05Z.
pub const NOW: i64 = 1_767_323_045;

/// The key that Cognito signs with, and one that it knows nothing of.
pub static OURS: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).unwrap());
pub static THEIRS: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).unwrap());

#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

struct Dice;

impl Random for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// A key set that can be changed, fail, and tell how often it was asked for.
#[derive(Clone)]
pub struct Published {
    pub document: Arc<Mutex<Result<String, String>>>,
    pub fetches: Arc<AtomicUsize>,
}

impl Published {
    pub fn set(&self, keys: &[Value]) {
        *self.document.lock().unwrap() = Ok(json!({ "keys": keys }).to_string());
    }

    pub fn fail(&self) {
        *self.document.lock().unwrap() = Err("connection refused".into());
    }

    pub fn count(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

impl FetchKeys for Published {
    async fn fetch(&self) -> Result<Vec<u8>, String> {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        self.document.lock().unwrap().clone().map(String::into_bytes)
    }
}

/// Whom the directory was asked about, and which organisation.
pub type Question = (String, Option<OrgId>);

/// A directory that says the same of everybody.
#[derive(Clone)]
pub struct Book {
    pub user: UserCredentials,
    pub key: KeyCredentials,
    pub device: DeviceCredentials,
    pub machine: MachineCredentials,
    pub session_keys: PublishedKeys,
    /// How often the keys that sign sessions were asked for.
    pub looks: Arc<AtomicUsize>,
    pub down: Option<ServiceError>,
    pub hangs: bool,
    pub asked: Arc<Mutex<Vec<Question>>>,
    /// The uses of keys that were to be noted: when, and unless noted since when.
    pub noted: Arc<Mutex<Vec<(i64, i64)>>>,
    pub notes: Option<ServiceError>,
}

impl Book {
    async fn answer<T: Clone>(&self, whom: String, org: Option<OrgId>, found: &T) -> Result<T, ServiceError> {
        self.asked.lock().unwrap().push((whom, org));
        if self.hangs {
            std::future::pending::<()>().await;
        }
        self.down.clone().map_or(Ok(found.clone()), Err)
    }
}

impl Credentials for Book {
    async fn user(&self, user: UserId, session: &str, org: Option<OrgId>) -> Result<UserCredentials, ServiceError> {
        self.answer(format!("{user} {session}"), org, &self.user).await
    }

    async fn key(&self, key: KeyId, org: Option<OrgId>) -> Result<KeyCredentials, ServiceError> {
        self.answer(key.to_string(), org, &self.key).await
    }

    async fn device(
        &self,
        device: DeviceId,
        project: ProjectId,
        org: OrgId,
    ) -> Result<DeviceCredentials, ServiceError> {
        self.answer(format!("{device} {project}"), Some(org), &self.device)
            .await
    }

    async fn machine(&self, machine: MachineId, org: OrgId) -> Result<MachineCredentials, ServiceError> {
        self.answer(machine.to_string(), Some(org), &self.machine).await
    }

    async fn session_keys(&self) -> Result<PublishedKeys, ServiceError> {
        self.looks.fetch_add(1, Ordering::SeqCst);
        self.down.clone().map_or(Ok(self.session_keys.clone()), Err)
    }

    async fn note_use(&self, _: KeyId, at: i64, since: i64) -> Result<(), ServiceError> {
        self.noted.lock().unwrap().push((at, since));
        self.notes.clone().map_or(Ok(()), Err)
    }
}

/// An authorizer with everything it works with at hand.
pub struct World {
    pub authorizer: Authorizer<Book, Published>,
    pub clock: TestClock,
    pub published: Published,
}

impl World {
    /// Cognito publishes our key; the directory knows everybody and no organisation.
    pub fn new() -> Self {
        let clock = TestClock(Arc::new(AtomicI64::new(NOW)));
        let source = Source::new(clock.clone(), Dice);
        let published = Published {
            document: Arc::new(Mutex::new(Err(String::new()))),
            fetches: Arc::default(),
        };
        published.set(&[jwk("ours", &OURS)]);
        let user = UserCredentials {
            known: true,
            ..UserCredentials::default()
        };
        let directory = Book {
            user,
            key: KeyCredentials::default(),
            device: DeviceCredentials::default(),
            machine: MachineCredentials::default(),
            session_keys: PublishedKeys::default(),
            looks: Arc::default(),
            down: None,
            hangs: false,
            asked: Arc::default(),
            noted: Arc::default(),
            notes: None,
        };
        let rules = TokenRules {
            issuer: ISSUER.into(),
            clients: vec![CLIENT.into(), FEDERATED.into()],
        };
        let keys = KeySet::new(published.clone(), source.clone());
        let authorizer = Authorizer {
            directory,
            keys,
            rules,
            sessions: Sessions::new(SESSION_ISSUER.into()),
            source,
        };
        Self {
            authorizer,
            clock,
            published,
        }
    }

    pub async fn bearer(&self, token: &str) -> Result<Answer, Refusal> {
        self.send(&[("Authorization", &format!("Bearer {token}"))]).await
    }

    pub async fn send(&self, headers: &[(&str, &str)]) -> Result<Answer, Refusal> {
        self.authorizer.handle(event(headers)).await
    }
}

/// A request's event, with headers as API Gateway lists them.
pub fn event(headers: &[(&str, &str)]) -> Value {
    let mut lists = serde_json::Map::new();
    for (name, value) in headers {
        let list = lists.entry(*name).or_insert_with(|| json!([]));
        list.as_array_mut().unwrap().push(json!(value));
    }
    let last: serde_json::Map<_, _> = headers.iter().map(|(n, v)| ((*n).to_owned(), json!(v))).collect();
    json!({
        "type": "REQUEST", "methodArn": ARN, "resource": "/v1/me", "path": "/v1/me", "httpMethod": "GET",
        "headers": last, "multiValueHeaders": lists, "queryStringParameters": null,
        "multiValueQueryStringParameters": null, "pathParameters": null, "stageVariables": null,
        "requestContext": { "resourceId": "abc", "stage": "live", "httpMethod": "GET", "apiId": "a1b2c3d4e5" },
    })
}

/// The public half of a key as Cognito would publish it.
pub fn jwk(kid: &str, key: &KeyPair) -> Value {
    let public = PublicKeyComponents::<Vec<u8>>::from(key.public_key());
    let (n, e) = (URL_SAFE_NO_PAD.encode(public.n), URL_SAFE_NO_PAD.encode(public.e));
    json!({ "kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid, "n": n, "e": e })
}

pub fn header() -> Value {
    json!({ "kid": "ours", "alg": "RS256" })
}

pub fn claims() -> Value {
    json!({
        "sub": SUB, "iss": ISSUER, "client_id": CLIENT, "origin_jti": SESSION, "token_use": "access",
        "scope": "aws.cognito.signin.user.admin", "auth_time": NOW - 60, "exp": NOW + 3600, "iat": NOW - 60,
        "jti": "0f1e2d3c-4b5a-4968-8778-695a4b3c2d1e", "username": SUB,
    })
}

/// The JSON with one member set, or removed where the value is [`Value::Null`].
pub fn with(mut json: Value, name: &str, value: Value) -> Value {
    match value {
        Value::Null => json.as_object_mut().unwrap().remove(name),
        value => json.as_object_mut().unwrap().insert(name.into(), value),
    };
    json
}

/// A token of any header and payload, signed as RS256 would be.
pub fn sign(header: &str, payload: &str, key: &KeyPair) -> String {
    sign_with(&RSA_PKCS1_SHA256, header, payload, key)
}

pub fn sign_with(padding: &'static dyn RsaEncoding, header: &str, payload: &str, key: &KeyPair) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(padding, &SystemRandom::new(), message.as_bytes(), &mut signature)
        .unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A token that Cognito would issue, but for its claims.
pub fn token(claims: &Value) -> String {
    sign(&header().to_string(), &claims.to_string(), &OURS)
}

pub fn org(id: &str) -> Organization {
    Organization {
        id: id.parse().unwrap(),
        name: Name::parse("Acme").unwrap(),
        status: OrgStatus::Active,
        generation: 1,
        last_generation: 1,
        schema: 1,
        table: Some("millwright-dev-org-x-1".into()),
        task: "tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap(),
        step: 0,
        closing: None,
        created_by: UserId::from_sub(SUB).unwrap(),
        created_at: Timestamp::UNIX_EPOCH,
        machine_key: None,
        maintenance: domain::maintenance::Maintenance::default(),
    }
}

/// The caller as a function behind the gateway would read them.
pub fn caller(answer: &Answer) -> Caller {
    Caller::from_context(|name| answer.context.get(name).map(String::as_str)).unwrap()
}
