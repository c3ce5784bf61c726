//! Reads a line of a function's log: one of the function's own, or one that Lambda wrote about it.

use crate::plain::plain;
use serde_json::Value;

/// What is given as the module of a line that Lambda wrote.
const PLATFORM: &str = "platform";
/// The members of a line that say what happened, in the order in which they are told. All others (ids, keys, counts) are passed over.
const SAYING: [&str; 6] = ["message", "panic", "error", "failure", "cause", "reason"];
/// Longest request id that is taken for one; API Gateway's and Lambda's are UUIDs of 36 characters.
const MAX_REQUEST: usize = 64;

/// An error that a line tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorLine {
    /// The module that logged it.
    pub target: String,
    /// What it says, without what differs from one time to the next.
    pub text: String,
    /// The request it was logged in; empty where none is known.
    pub request: String,
}

impl ErrorLine {
    /// The error that a line tells of; none where it tells of something else. The subscription's pattern lets a line through that only holds
    /// the word: its level decides.
    pub fn read(line: &str) -> Option<Self> {
        match serde_json::from_str::<Value>(line) {
            Ok(line @ Value::Object(_)) => (line["level"] == "ERROR").then(|| Self::of_function(&line)),
            _ => Some(Self::of_platform(line)),
        }
    }

    fn of_function(line: &Value) -> Self {
        let said = SAYING.iter().filter_map(|name| line[name].as_str());
        let said: Vec<_> = said.map(plain).filter(|text| !text.is_empty()).collect();
        Self {
            target: plain(line["target"].as_str().unwrap_or("unknown")),
            text: said.join(": "),
            request: request_of(line).unwrap_or_default().to_owned(),
        }
    }

    fn of_platform(line: &str) -> Self {
        let id = line.split_whitespace().find(|word| is_uuid(word));
        Self {
            target: PLATFORM.to_owned(),
            text: plain(line),
            request: id.unwrap_or_default().to_owned(),
        }
    }
}

/// The request a line was logged in: the caller's, as `x-request-id` told it, or else the invocation's.
fn request_of(line: &Value) -> Option<&str> {
    let outer = line["spans"].as_array().into_iter().flatten().rev();
    let spans = std::iter::once(&line["span"]).chain(outer);
    let ids = spans.flat_map(|span| ["request_id", "requestId"].map(|name| span[name].as_str()));
    ids.flatten().find(|id| is_request(id))
}

fn is_request(id: &str) -> bool {
    (1..=MAX_REQUEST).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn is_uuid(word: &str) -> bool {
    word.len() == 36 && word.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
    const INVOCATION: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

    #[test]
    fn a_failed_request_is_told_by_its_cause_and_its_request() {
        let line = format!(
            r#"{{"timestamp":"2026-01-02T03:04:05Z","level":"ERROR","message":"request failed","status":500,
            "cause":"\"an item cannot be read: Error(\\\"missing field `name`\\\")\"","target":"http_api::problem",
            "span":{{"method":"GET","request_id":"{REQUEST}","route":"/v1/orgs/{{org}}","name":"request"}},
            "spans":[{{"requestId":"{INVOCATION}","name":"Lambda runtime invoke"}},{{"request_id":"{REQUEST}","name":"request"}}]}}"#
        );
        let expected = ErrorLine {
            target: "http_api::problem".into(),
            text: "request failed: an item cannot be read: Error(#)".into(),
            request: REQUEST.into(),
        };
        assert_eq!(ErrorLine::read(&line), Some(expected));
    }

    #[test]
    fn outside_a_request_the_invocation_is_told() {
        let line = format!(
            r#"{{"level":"ERROR","message":"a message is given up","reason":"no such task","message_id":"m","target":"lambda::batch",
            "span":{{"requestId":"{INVOCATION}"}},"spans":[{{"requestId":"{INVOCATION}"}}]}}"#
        );
        let line = ErrorLine::read(&line).unwrap();
        assert_eq!(
            (line.text.as_str(), line.request.as_str()),
            ("a message is given up: no such task", INVOCATION)
        );
    }

    #[test]
    fn a_line_that_only_holds_the_word_is_no_error() {
        for line in [
            r#"{"level":"WARN","message":"ERROR is what the other side said"}"#,
            r#"{"_aws":{},"ERROR":1}"#,
        ] {
            assert_eq!(ErrorLine::read(line), None, "{line}");
        }
    }

    #[test]
    fn what_lambda_says_of_a_function_is_an_error() {
        for (line, text) in [
            (
                format!("2026-01-02T03:04:05.006Z {REQUEST} Task timed out after 15.00 seconds"),
                "# Task timed out after # seconds",
            ),
            (
                format!("RequestId: {REQUEST} Error: Runtime exited with error: signal: killed"),
                "RequestId: # Error: Runtime exited with error: signal: killed",
            ),
        ] {
            let line = ErrorLine::read(&line).unwrap();
            assert_eq!(
                (line.target.as_str(), line.text.as_str(), line.request.as_str()),
                (PLATFORM, text, REQUEST)
            );
        }
    }
}
