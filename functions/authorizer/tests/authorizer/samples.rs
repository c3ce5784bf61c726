//! The sample events of `events/authorizer`, each fed to the handler.
//!
//! The token in them is genuine: it was signed once with a key that was then thrown away, whose public half lies beside this file.

use crate::doubles::{ORG, World, caller, org};
use authorizer::{Answer, Reason, Refusal};
use aws_dynamodb::StoredKey;
use domain::credential::{Token, TokenKind};
use domain::{Permission, Role};
use serde_json::Value;
use std::path::Path;

/// The public half of the key that signed the samples' token.
const SIGNING_KEY: &str = include_str!("sample-jwks-for-tests-only.json");

fn sample(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/authorizer");
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

async fn handle(event: Value) -> Result<Answer, Refusal> {
    let mut world = World::new();
    *world.published.document.lock().unwrap() = Ok(SIGNING_KEY.into());
    let directory = &mut world.authorizer.directory;
    directory.user.org = Some(org(ORG));
    directory.user.role = Some(Role::Viewer);
    directory.key.org = Some(org(ORG));
    let sent = sample("api_key.json")["headers"]["x-api-key"]
        .as_str()
        .map(str::to_owned);
    directory.key.key = Some(StoredKey {
        org: ORG.parse().unwrap(),
        hash: Token::parse(TokenKind::ApiKey, &sent.unwrap()).unwrap().hash(),
        former: None,
        scopes: vec![Permission::FleetRead],
        expires: None,
        networks: vec!["203.0.113.0/24".to_owned()].try_into().unwrap(),
        last_used_at: None,
    });
    world.authorizer.handle(event).await
}

#[tokio::test]
async fn every_sample_is_answered_as_its_name_says() {
    for (name, outcome) in [
        ("bearer.json", Ok(Some("usr_65HXZ2XJ1MC8PVJ2DQSN2ZW0B3"))),
        ("api_key.json", Ok(Some("key_01KAF2Z7M0V8Q4J3T6B9N5R1XC"))),
        ("none.json", Err(Refusal::from(Reason::NoCredentials))),
        ("both.json", Err(Refusal::from(Reason::TwoCredentials))),
    ] {
        let answer = handle(sample(name)).await;
        if let Ok(answer) = &answer {
            let grant = caller(answer).require(ORG.parse().unwrap(), Permission::FleetRead);
            assert!(grant.is_ok(), "{name}");
        }
        let principal = answer.map(|answer| answer.principal_id);
        assert_eq!(principal, outcome.map(|who| who.map(str::to_owned)), "{name}");
    }
}

#[test]
fn no_sample_is_forgotten() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/authorizer");
    let names = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["api_key.json", "bearer.json", "both.json", "none.json"]);
}
