//! Values that the contract would take, so that it is not the body of a request that is refused.

use proptest::strategy::{Strategy, ValueTree};
use proptest::string::string_regex;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

/// The least that a schema of the contract demands.
pub fn example(contract: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        return example(contract, contract.pointer(name.trim_start_matches('#')).unwrap());
    }
    let options = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
    if let Some(option) = options.and_then(|options| options.iter().find(|option| option["type"] != "null")) {
        return example(contract, option);
    }
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        return first.clone();
    }
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let mut whole: Map<String, Value> = parts
        .filter_map(|part| example(contract, part).as_object().cloned())
        .flatten()
        .collect();
    let kind = schema["type"].as_array().map_or(&schema["type"], |kinds| &kinds[0]);
    match kind.as_str().unwrap_or("object") {
        "string" => text(schema).into(),
        "integer" | "number" => schema["minimum"].as_i64().unwrap_or(1).max(1).into(),
        "boolean" => true.into(),
        "array" => {
            let least = schema["minItems"].as_u64().unwrap_or(0);
            (0..least).map(|_| example(contract, &schema["items"])).collect()
        }
        _ => {
            let required = schema["required"].as_array().into_iter().flatten();
            for name in required.filter_map(Value::as_str) {
                whole.insert(name.to_owned(), example(contract, &schema["properties"][name]));
            }
            json!(whole)
        }
    }
}

fn text(schema: &Value) -> String {
    if let Some(pattern) = schema["pattern"].as_str() {
        let texts = string_regex(pattern.trim_start_matches('^').trim_end_matches('$')).unwrap();
        return texts.new_tree(&mut TestRunner::deterministic()).unwrap().current();
    }
    let text = match schema["format"].as_str() {
        Some("date-time") => "2026-01-02T03:04:05Z".to_owned(),
        Some("date") => "2026-01-02".to_owned(),
        Some("email") => "eve@example.com".to_owned(),
        Some("password") => "Correct-Horse-1".to_owned(),
        _ => {
            let example = schema["example"].as_str().or(schema["examples"][0].as_str());
            example.unwrap_or("n").to_owned()
        }
    };
    let least = schema["minLength"]
        .as_u64()
        .and_then(|least| usize::try_from(least).ok());
    format!("{text:n<width$}", width = least.unwrap_or(0))
}
