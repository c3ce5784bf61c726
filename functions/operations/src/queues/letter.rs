//! A dead letter as staff see it: why, where from, and what it was about, never what it carried.

use aws_sqs::Letter;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// The members of messages that name things: ids, kinds, counts, times. Everything else in a message may be a customer's, and a new member
/// is shown once it is named here.
const SHOWN: &[&str] = &[
    "type",
    "kind",
    "org",
    "task",
    "device",
    "project",
    "user",
    "uuid",
    "content",
    "format",
    "count",
    "attempt",
    "resumes",
    "sent_at",
    "received_at",
    "created_at",
];
/// Longest text that is shown, in characters: signed task ids are the longest that name anything.
const LONGEST: usize = 128;

/// A dead letter.
#[derive(Serialize, utoipa::ToSchema)]
pub struct LetterView {
    /// Its id, by which it is redriven.
    message: String,
    /// Why it was given up; `null` where SQS moved it by itself, after too many deliveries.
    reason: Option<String>,
    /// The queue it came from.
    source: Option<String>,
    /// When it was given up, or, where SQS moved it, when it was first sent.
    sent_at: Option<Timestamp>,
    /// How long its text is.
    bytes: usize,
    /// What it names: ids, kinds, counts, times. Empty where it cannot be read.
    #[schema(value_type = Object)]
    about: Map<String, Value>,
}

impl From<&Letter> for LetterView {
    fn from(letter: &Letter) -> Self {
        Self {
            message: letter.id.clone(),
            reason: letter.reason.clone(),
            source: letter.source.clone(),
            sent_at: letter.sent_at,
            bytes: letter.body.len(),
            about: about(&letter.body),
        }
    }
}

fn about(body: &str) -> Map<String, Value> {
    match serde_json::from_str(body) {
        Ok(Value::Object(members)) => names(members, true),
        _ => Map::new(),
    }
}

/// The members that name things; of an object among them again those, and no deeper.
fn names(members: Map<String, Value>, deeper: bool) -> Map<String, Value> {
    let shown = members.into_iter().filter(|(name, _)| SHOWN.contains(&name.as_str()));
    let plain = shown.filter_map(|(name, value)| match value {
        Value::Object(inner) if deeper => Some((name, names(inner, false).into())),
        Value::String(text) if text.chars().count() > LONGEST => None,
        Value::Object(_) | Value::Array(_) => None,
        value => Some((name, value)),
    });
    plain.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::task::{ReportFormat, UploadBody, UploadContent};
    use serde_json::json;

    #[test]
    fn what_an_upload_carries_is_not_shown() {
        let content = UploadContent::Report {
            format: ReportFormat::Binary,
            received_at: Timestamp::UNIX_EPOCH,
        };
        let carried = UploadBody::Inline("aGVsbG8=".into());
        let upload = json!({ "task": "tsk_x", "org": "org_x", "device": "dev_x", "count": 16, "content": content, "body": carried });
        let mut expected = upload.as_object().unwrap().clone();
        expected.remove("body");
        assert_eq!(about(&upload.to_string()), expected);
    }

    #[test]
    fn what_names_nothing_is_not_shown() {
        for body in [
            json!("a text"),
            json!([{ "org": "org_x" }]),
            json!({ "email": "ada@example.com", "readings": [1, 2], "body": { "org": "org_x" } }),
            json!({ "org": "x".repeat(129), "device": ["a"], "kind": [[1]] }),
        ] {
            assert_eq!(about(&body.to_string()), Map::new(), "{body}");
        }
        assert_eq!(about("not a message"), Map::new());
        let deep = json!({ "content": { "content": { "type": "x" }, "value": 21.5 } });
        assert_eq!(Value::from(about(&deep.to_string())), json!({ "content": {} }));
    }
}
