//! What the endpoint answers: as little as has every function end well. One person, no organisation, empty lists, empty queues.

use crate::http::Request;
use serde_json::{Value, json};

const JSON: &str = "application/x-amz-json-1.0";
const XML: &str = "text/xml";

/// The media type and the body.
pub fn to(request: &Request, published: &str) -> (&'static str, String) {
    if request.path == "/keys" {
        return ("application/json", published.to_owned());
    }
    // The SDKs with JSON name the operation in a header; the older protocols have it in the path or the form.
    match request.header("x-amz-target").rsplit('.').next() {
        Some(operation) if !operation.is_empty() => {
            let asked = serde_json::from_slice(&request.body).unwrap_or_default();
            (JSON, json_of(operation, &asked).to_string())
        }
        _ => of_rest(request),
    }
}

fn json_of(operation: &str, asked: &Value) -> Value {
    match operation {
        "BatchGetItem" => json!({ "Responses": found(&asked["RequestItems"]), "UnprocessedKeys": {} }),
        "GetItem" => row(&asked["Key"]).map_or_else(|| json!({}), |row| json!({ "Item": row })),
        "UpdateItem" => json!({ "Attributes": { "taken": { "N": "1" } } }),
        "Query" => json!({ "Items": [], "Count": 0, "ScannedCount": 0 }),
        "GetQueueAttributes" => json!({ "Attributes": { "ApproximateNumberOfMessages": "0" } }),
        "GetSecretValue" => json!({ "SecretString": "0123456789abcdef".repeat(4) }),
        "SendMessage" => json!({ "MessageId": "059f36b4-87a3-44ab-83d2-661975950000" }),
        _ => json!({}),
    }
}

fn of_rest(request: &Request) -> (&'static str, String) {
    let form = String::from_utf8_lossy(&request.body);
    if form.contains("Action=Publish") {
        let told = "<PublishResult><MessageId>1</MessageId></PublishResult>";
        return (XML, format!("<PublishResponse>{told}</PublishResponse>"));
    }
    match (request.method.as_str(), request.path.contains("event-source-mappings")) {
        ("GET", true) => ("application/json", json!({ "State": "Enabled" }).to_string()),
        ("POST", _) => (XML, "<DeleteResult/>".to_owned()),
        _ => (XML, String::new()),
    }
}

/// The rows that there are of those a BatchGetItem asks for, by table.
fn found(asked: &Value) -> Value {
    let tables = asked.as_object().into_iter().flatten();
    let rows = tables.map(|(table, asked)| {
        let keys = asked["Keys"].as_array().into_iter().flatten();
        (table.clone(), keys.filter_map(row).collect::<Value>())
    });
    Value::Object(rows.collect())
}

/// Everybody is Ada, and has an account; every device is a press of one project.
fn row(key: &Value) -> Option<Value> {
    let (pk, sk) = (key["pk"]["S"].as_str()?, key["sk"]["S"].as_str()?);
    let (kind, id) = pk.split_once('#').filter(|_| sk == "META")?;
    let mut row = match kind {
        "USER" => json!({ "name": { "S": "Ada" }, "email": { "S": "ada@example.com" }, "status": { "S": "active" } }),
        "DEVICE" => json!({
            "name": { "S": "Press" }, "project": { "S": "prj_01KAF2Z7M0V8Q4J3T6B9N5R1XC" },
            "hardware_id": { "N": "12345" }, "version": { "N": "1" },
        }),
        _ => return None,
    };
    for (name, value) in [
        ("pk", pk),
        ("sk", sk),
        ("id", id),
        ("created_at", "2026-01-02T03:04:05Z"),
    ] {
        row[name] = json!({ "S": value });
    }
    Some(row)
}
