//! What holds for many operations alike, written into each of them.

use http_api::Deprecated;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Whoever changes something of an organisation's may say why, on every such route: `http_api::Authenticated` reads the header.
pub(crate) fn reasons(contract: &mut Value) {
    let header = json!({
        "name": "x-reason", "in": "header", "required": false,
        "description": "Why, for the organisation's journal, where it stays: name nobody in it.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 256 },
    });
    let paths = contract["paths"].as_object_mut().into_iter().flatten();
    let items = paths.filter(|(path, _)| path.starts_with("/v1/orgs/{org}"));
    let operations = items.filter_map(|(_, item)| item.as_object_mut()).flatten();
    for (_, operation) in operations.filter(|(method, _)| *method != "get") {
        if let Some(parameters) = operation["parameters"].as_array_mut() {
            parameters.push(header.clone());
        }
    }
}

/// OpenAPI wants a description of every answer: where a route says nothing of its own, the operation's summary tells what comes.
pub(crate) fn responses(contract: &mut Value) {
    let paths = contract["paths"].as_object_mut().into_iter().flatten();
    for operation in paths
        .filter_map(|(_, item)| item.as_object_mut())
        .flatten()
        .map(|(_, operation)| operation)
    {
        let summary = operation["summary"].clone();
        for (_, response) in operation["responses"].as_object_mut().into_iter().flatten() {
            if response.get("$ref").is_none() && response["description"].as_str().unwrap_or_default().is_empty() {
                response["description"] = summary.clone();
            }
        }
    }
}

/// Headers of answers: their names, in components and in HTTP, and what they tell.
const HEADERS: &[(&str, &str, &str)] = &[
    ("RequestId", "x-request-id", "Names this request in Millwright's logs."),
    (
        "RateLimit",
        "RateLimit",
        "How many requests (`r`) are left to this caller until the present minute ends, in `t` seconds; roughly (draft-ietf-httpapi-ratelimit-headers-11).",
    ),
    (
        "RateLimitPolicy",
        "RateLimit-Policy",
        "How many requests (`q`) a caller of this kind may send in a window of `w` seconds.",
    ),
    ("RetryAfter", "Retry-After", "In how many seconds to try again."),
];

/// Has every answer say which headers it bears. Those of API Gateway's own have the first alone, so that only it is promised.
pub(crate) fn headers(contract: &mut Value) {
    let define = |(name, header, description): &(&str, &str, &str)| {
        let number = *header == "Retry-After";
        let schema = json!({ "type": if number { "integer" } else { "string" } });
        let definition = json!({ "description": description, "required": *header == "x-request-id", "schema": schema });
        ((*name).to_owned(), definition)
    };
    contract["components"]["headers"] = HEADERS.iter().map(define).collect::<serde_json::Map<_, _>>().into();
    for (name, response) in contract["components"]["responses"]
        .as_object_mut()
        .into_iter()
        .flatten()
    {
        let waits = name == "TooManyRequests" || name == "Unavailable";
        add_headers(response, if waits { HEADERS } else { &HEADERS[..3] });
    }
    for operation in operations(contract) {
        for (_, response) in operation["responses"].as_object_mut().into_iter().flatten() {
            if response.get("$ref").is_none() {
                add_headers(response, &HEADERS[..3]);
            }
        }
    }
}

fn add_headers(response: &mut Value, headers: &[(&str, &str, &str)]) {
    for (name, header, _) in headers {
        response["headers"][*header] = json!({ "$ref": format!("#/components/headers/{name}") });
    }
}

/// Marks the operations of the table as deprecated, with the dates that their answers' headers tell.
pub(crate) fn deprecations(contract: &mut Value, table: &[Deprecated]) {
    let day = |seconds: i64| {
        Timestamp::from_second(seconds).map_or_else(|_| String::new(), |at| at.strftime("%Y-%m-%d").to_string())
    };
    for row in table {
        let operation = &mut contract["paths"][row.path][row.method.to_lowercase()];
        let ends = row.sunset.map(|sunset| format!(" and ends on {}", day(sunset)));
        let told = format!(
            "Deprecated since {}{}: see {}.",
            day(row.since),
            ends.unwrap_or_default(),
            row.see
        );
        operation["deprecated"] = true.into();
        operation["description"] = match operation["description"].as_str() {
            Some(text) => format!("{text}\n\n{told}").into(),
            None => told.into(),
        };
    }
}

fn operations(contract: &mut Value) -> impl Iterator<Item = &mut Value> {
    let items = contract["paths"].as_object_mut().into_iter().flatten();
    let items = items.filter_map(|(_, item)| item.as_object_mut());
    items.flatten().map(|(_, operation)| operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deprecated_operation_is_marked_with_its_dates() {
        let mut contract = json!({ "paths": { "/v1/things": { "get": {}, "post": { "description": "Make." } } } });
        let row = |method, sunset| Deprecated {
            method,
            path: "/v1/things",
            since: 1_688_169_599,
            sunset,
            see: "/v2/things",
        };
        deprecations(&mut contract, &[row("GET", None), row("POST", Some(1_720_000_000))]);
        let things = &contract["paths"]["/v1/things"];
        let told = "Deprecated since 2023-06-30: see /v2/things.";
        assert_eq!(things["get"], json!({ "deprecated": true, "description": told }));
        let told = "Make.\n\nDeprecated since 2023-06-30 and ends on 2024-07-03: see /v2/things.";
        assert_eq!(things["post"], json!({ "deprecated": true, "description": told }));
    }

    /// The table, the routers' `deprecated` and the contract say the same.
    #[test]
    fn every_row_of_the_table_is_an_operation_and_every_deprecated_operation_a_row() {
        let mut contract = crate::full();
        for row in http_api::DEPRECATED {
            let operation = &contract["paths"][row.path][row.method.to_lowercase()];
            assert!(
                operation["operationId"].is_string(),
                "{} {} is not in the contract",
                row.method,
                row.path
            );
            assert!(
                row.sunset.is_none_or(|sunset| sunset >= row.since),
                "{}: RFC 9745 section 4",
                row.path
            );
        }
        let marked = operations(&mut contract).filter(|operation| operation["deprecated"] == true);
        let why = "an operation is deprecated by a row in http_api::DEPRECATED, and by nothing else";
        assert_eq!(marked.count(), http_api::DEPRECATED.len(), "{why}");
    }
}
