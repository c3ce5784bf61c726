//! API Gateway itself knows every operation, and asks for credentials where the contract does.

use serde_json::Value;
use tests::{Api, answer};

#[tokio::test]
async fn every_operation_reaches_its_function_or_asks_for_credentials() {
    let contract = contract::full();
    let api = Api::anonymous();
    for (path, item) in contract["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let open = operation["security"]
                .as_array()
                .unwrap()
                .iter()
                .all(|need| need.as_object().unwrap().is_empty());
            let path = path.replace(['{', '}'], "");
            let answer = answer(api.request(method.to_uppercase().parse().unwrap(), &path)).await;
            let place = format!("{method} {path}: {}", answer.text);
            if open {
                assert!(answer.status != 401 || path == "/v1/sessions/refresh", "{place}");
                assert!(
                    answer.status < 500 && answer.status != 403 && answer.status != 404,
                    "{place}"
                );
            } else if operation["security"] == serde_json::json!([{ "aws_sigv4": [] }]) {
                assert!(answer.problem(404).contains("AWS signature"), "{place}");
            } else {
                assert_eq!(answer.status, 401, "{place}");
                assert!(answer.header("www-authenticate").starts_with("Bearer"), "{place}");
                answer.problem(401);
            }
        }
    }
}

#[test]
fn preflights_ask_for_no_credentials() {
    let [_, (_, projection)] = contract::files();
    let projection: Value = serde_json::from_str(&projection).unwrap();
    for (path, item) in projection["paths"].as_object().unwrap() {
        assert!(
            item["options"].is_object() && item["options"]["security"].is_null(),
            "{path}"
        );
    }
}
