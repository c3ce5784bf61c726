//! The committed files are what the routers say, and what API Gateway and CloudFormation take.

use serde_json::Value;

/// Largest OpenAPI body that CloudFormation's include and API Gateway's import take with room to spare.
const MAX_BYTES: usize = 1_000_000;
/// Resources of one REST API (AWS "Amazon API Gateway quotas").
const MAX_RESOURCES: usize = 300;
/// What OpenAPI 3.0.1 knows and API Gateway or AWS::Include refuses or ignores.
const REFUSED: &[&str] = &[
    "schema",
    "schemas",
    "example",
    "examples",
    "default",
    "nullable",
    "content",
    "requestBody",
];

fn projection() -> Value {
    let [_, (_, text)] = contract::files();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn the_committed_contract_is_what_the_routers_say() {
    for (path, expected) in contract::files() {
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == expected,
            "{} is stale: run `cargo run -p contract` and commit it",
            path.display()
        );
    }
}

#[test]
fn the_projection_holds_nothing_that_aws_refuses() {
    fn walk(value: &Value, path: &str) {
        match value {
            Value::Null => panic!("null at {path}"),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .for_each(|(n, item)| walk(item, &format!("{path}/{n}"))),
            Value::Object(members) => {
                for (name, member) in members {
                    assert!(!REFUSED.contains(&name.as_str()), "{name} at {path}");
                    walk(member, &format!("{path}/{name}"));
                }
            }
            _ => {}
        }
    }
    let projection = projection();
    assert_eq!(projection["openapi"], "3.0.1");
    walk(&projection, "");
    assert!(projection.to_string().len() < MAX_BYTES);
}

#[test]
fn the_projection_stays_within_the_quota_of_resources() {
    // Every step of a path is a resource.
    let mut resources = std::collections::BTreeSet::new();
    for path in projection()["paths"].as_object().unwrap().keys() {
        let steps: Vec<_> = path.split('/').collect();
        resources.extend((1..steps.len()).map(|n| steps[..=n].join("/")));
    }
    assert!(resources.len() < MAX_RESOURCES, "{}", resources.len());
}

#[test]
fn every_operation_is_documented_and_its_errors_are() {
    let contract = contract::full();
    for (path, item) in contract["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{method} {path}");
            for member in ["summary", "operationId", "tags", "responses", "security"] {
                assert!(!operation[member].is_null(), "{place} has no {member}");
            }
            for status in ["400", "401", "403", "404", "422", "500"] {
                assert!(
                    !operation["responses"][status].is_null(),
                    "{place} does not say {status}"
                );
            }
        }
    }
}
