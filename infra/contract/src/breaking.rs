//! What a client of the last release would stumble over: the contract then and now, compared operation by operation.
//!
//! Breaking is: an operation, field, parameter, media type or way to sign in that is gone; something newly required; a request that was taken
//! and is not any more; an answer that a client could not foresee (another type, a field gone or no longer always there, a value beyond
//! those listed, a success of another status). Whatever only adds passes. A break is for the CHANGELOG to tell ([`crate::changelog`]).

mod schema;
#[cfg(test)]
mod tests;

use schema::{Comparison, Way};
use serde_json::{Map, Value};
use std::fmt;

/// One thing that breaks clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// The operation, by its id in the last release.
    pub operation: String,
    /// Where in it, and what.
    pub what: String,
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation, self.what)
    }
}

/// What breaks between two contracts (OpenAPI 3.1).
pub fn breaks(before: &Value, after: &Value) -> Vec<Break> {
    let mut found = Vec::new();
    for (path, item) in members(&before["paths"]) {
        for (method, operation) in members(item) {
            let now = &after["paths"][path][method];
            let whats = match now.is_null() {
                true => vec![format!("{} {path} is gone", method.to_uppercase())],
                false => operation_breaks((before, operation), (after, now)),
            };
            let name = operation["operationId"].as_str().unwrap_or_default();
            found.extend(whats.into_iter().map(|what| Break {
                operation: name.to_owned(),
                what,
            }));
        }
    }
    found
}

/// What breaks in one operation; each side with the document that its references are into.
fn operation_breaks((before_in, before): (&Value, &Value), (after_in, after): (&Value, &Value)) -> Vec<String> {
    let mut compared = Comparison::new(before_in, after_in);
    if before["operationId"] != after["operationId"] {
        compared.tell(format!("its id is {} now", after["operationId"]));
    }
    security(before, after, &mut compared);
    parameters(before, after, &mut compared);
    request_body(before, after, &mut compared);
    responses((before_in, before), (after_in, after), &mut compared);
    compared.found
}

/// Each way in must stay one.
fn security(before: &Value, after: &Value, compared: &mut Comparison<'_>) {
    let ways = |operation: &Value| list(&operation["security"]).cloned().collect::<Vec<_>>();
    let open = |way: &Value| way.as_object().is_some_and(Map::is_empty);
    let now = ways(after);
    if now.iter().any(open) {
        return;
    }
    for way in ways(before).into_iter().filter(|way| !now.contains(way)) {
        let names: Vec<_> = members(&way).map(|(name, _)| name.as_str()).collect();
        compared.tell(match names.is_empty() {
            true => "needs credentials now".to_owned(),
            false => format!("no longer takes {}", names.join(" with ")),
        });
    }
}

fn parameters(before: &Value, after: &Value, compared: &mut Comparison<'_>) {
    let same = |a: &Value, b: &Value| a["in"] == b["in"] && a["name"] == b["name"];
    let title = |it: &Value| {
        let text = |member: &str| it[member].as_str().unwrap_or_default().to_owned();
        format!("{} parameter {}", text("in"), text("name"))
    };
    for was in list(&before["parameters"]) {
        match list(&after["parameters"]).find(|now| same(now, was)) {
            None => compared.tell(format!("the {} is gone", title(was))),
            Some(now) => compared.schemas(&was["schema"], &now["schema"], Way::Request, &title(was)),
        }
    }
    for now in list(&after["parameters"]).filter(|now| now["required"] == true) {
        let was = list(&before["parameters"]).find(|was| same(was, now));
        if was.is_none_or(|was| was["required"] != true) {
            compared.tell(format!("the {} is required now", title(now)));
        }
    }
}

fn request_body(before: &Value, after: &Value, compared: &mut Comparison<'_>) {
    let (was, now) = (&before["requestBody"], &after["requestBody"]);
    if was["required"] != true && now["required"] == true {
        compared.tell("a body is required now".to_owned());
    }
    if !was.is_null() && now.is_null() {
        compared.tell("it takes no body any more".to_owned());
        return;
    }
    for (media_type, content) in members(&was["content"]) {
        let place = format!("body ({media_type})");
        match &now["content"][media_type] {
            Value::Null => compared.tell(format!("the {place} is not taken any more")),
            taken => compared.schemas(&content["schema"], &taken["schema"], Way::Request, &place),
        }
    }
}

/// Successes are compared; a refusal more or less changes nothing that a client could rely on.
fn responses(
    (before_in, before): (&Value, &Value),
    (after_in, after): (&Value, &Value),
    compared: &mut Comparison<'_>,
) {
    let success = |status: &&String| status.starts_with('2') || status.starts_with('3');
    let (was, now) = (&before["responses"], &after["responses"]);
    for (status, _) in members(now).filter(|(status, _)| success(status)) {
        if was[status].is_null() {
            compared.tell(format!("answers {status}, which it did not"));
        }
    }
    for (status, response) in members(was).filter(|(status, _)| success(status)) {
        let answer = schema::resolved(after_in, &now[status]);
        if answer.is_null() {
            compared.tell(format!("the answer {status} is gone"));
            continue;
        }
        for (media_type, content) in members(&schema::resolved(before_in, response)["content"]) {
            let place = format!("answer {status} ({media_type})");
            match &answer["content"][media_type] {
                Value::Null => compared.tell(format!("the {place} is gone")),
                given => compared.schemas(&content["schema"], &given["schema"], Way::Response, &place),
            }
        }
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
