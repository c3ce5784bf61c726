//! What holds for every operation of the contract: request ids, paging, versions, rate limits. Idempotency keys have a file of their own.

use super::{Operation, operations};
use serde_json::Value;

/// What a reference is to, or the value itself.
fn resolved<'v>(contract: &'v Value, value: &'v Value) -> &'v Value {
    let pointer = value["$ref"]
        .as_str()
        .map(|reference| reference.trim_start_matches('#'));
    pointer.map_or(value, |pointer| resolved(contract, contract.pointer(pointer).unwrap()))
}

impl Operation {
    fn takes(&self, place: &str, name: &str) -> bool {
        let parameters = self.described["parameters"].as_array().into_iter().flatten();
        let named = |it: &&Value| it["name"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(name));
        parameters.filter(|it| it["in"] == place).any(|it| named(&it))
    }

    /// The schemas of its successes.
    fn answers<'v>(&'v self, contract: &'v Value) -> impl Iterator<Item = &'v Value> {
        let responses = self.described["responses"].as_object().into_iter().flatten();
        let good = responses.filter(|(status, _)| status.starts_with('2'));
        good.map(|(_, response)| {
            resolved(
                contract,
                &resolved(contract, response)["content"]["application/json"]["schema"],
            )
        })
    }
}

/// Every reference in a part of the contract.
fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str);
            own.into_iter().chain(members.values().flat_map(references)).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn every_reference_is_to_what_the_contract_has() {
    let contract = contract::full();
    let lost = |reference: &&str| contract.pointer(reference.trim_start_matches('#')).is_none();
    let lost: std::collections::BTreeSet<_> = references(&contract).into_iter().filter(lost).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn every_answer_bears_a_request_id_and_how_its_caller_stands() {
    let contract = contract::full();
    for operation in operations(&contract) {
        let place = operation.place();
        for (status, response) in operation.described["responses"].as_object().unwrap() {
            let headers = &resolved(&contract, response)["headers"];
            for (header, promised) in [
                ("x-request-id", true),
                ("RateLimit", false),
                ("RateLimit-Policy", false),
            ] {
                let header_of = resolved(&contract, &headers[header]);
                assert_eq!(header_of["required"], promised, "{place} {status}: {header}");
            }
            let waits = ["429", "503"].contains(&status.as_str());
            assert_eq!(headers["Retry-After"].is_object(), waits, "{place} {status}");
        }
    }
}

/// Why a list comes whole.
fn whole(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "listQueues" => "as many as the deployment has queues",
        "listIdentityProviders" => "as many as the deployment names in its parameters",
        "listJournalKeys" => "the signing key, and those before it",
        "listDayStatistics" => "the days from one to another, of which the query may name so many",
        "uploadProjectReadings" => "what became of each item that was sent",
        "listDeadLetters" => "SQS has no places in a queue: the next look begins where it likes",
        _ => return None,
    })
}

#[test]
fn every_list_comes_in_pages() {
    let contract = contract::full();
    let mut lists = 0;
    for operation in operations(&contract) {
        let fields = |schema: &Value, name: &str| schema["properties"][name].is_object();
        let lists_items = operation.answers(&contract).any(|schema| fields(schema, "items"));
        let bare = operation.answers(&contract).any(|schema| schema["type"] == "array");
        assert!(!bare, "{}: a list is {{\"items\", \"next\"}}", operation.place());
        if !lists_items || whole(&operation.id).is_some() {
            continue;
        }
        lists += 1;
        let pages = operation.answers(&contract).all(|schema| fields(schema, "next"));
        let asks = operation.takes("query", "limit") && operation.takes("query", "cursor");
        assert!(
            pages && asks,
            "{} is a list without pages: take `Paging`, answer `Page`",
            operation.place()
        );
    }
    assert!(lists >= 10, "{lists}");
}

/// Why a change names no version.
fn unversioned(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "updateMe" => "only its owner changes it, and each member by itself",
        "deleteMe" | "endMfa" => "a password proves who asks, and nobody else changes it",
        "deleteOrganization" => "there is one state that it leads from, and nothing of it to overlook",
        "revokeApiKey" | "revokeInvitation" | "removeMember" | "deleteGroupMapping" | "removeMachine" => {
            "it ends whatever is there; nobody changes it"
        }
        "endSession" | "endAllSessions" | "endDeviceSessions" | "endProjectSessions" => {
            "it ends whatever is there; nobody changes it"
        }
        _ => return None,
    })
}

#[test]
fn every_change_names_the_version_that_it_is_of_or_says_why_not() {
    let contract = contract::full();
    let mut versioned = 0;
    for operation in operations(&contract) {
        let changes = ["PUT", "PATCH", "DELETE"].contains(&operation.method.as_str());
        if !changes {
            continue;
        }
        let named = operation.takes("header", "if-match");
        if unversioned(&operation.id).is_some() {
            assert!(!named, "{} names a version and says why it does not", operation.place());
            continue;
        }
        versioned += 1;
        assert!(
            named,
            "{} takes no If-Match: take `IfMatch`, or say why not in `unversioned`",
            operation.place()
        );
        for status in ["412", "428"] {
            assert!(
                operation.described["responses"][status].is_object(),
                "{} does not say {status}",
                operation.place()
            );
        }
    }
    assert!(versioned >= 4, "{versioned}");
}
