//! Messages that came to a queue by way of an SNS topic.

use serde::Deserialize;
use std::borrow::Cow;

/// SNS's envelope (AWS "Parsing Amazon SNS JSON format", less what nobody reads).
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "Type")]
    kind: &'a str,
    #[serde(rename = "Message", borrow)]
    message: Cow<'a, str>,
}

/// What was published: the message in SNS's envelope, or the body itself where the subscription delivers raw.
pub fn published(body: &str) -> Cow<'_, str> {
    match serde_json::from_str::<Envelope>(body) {
        Ok(Envelope {
            kind: "Notification",
            message,
        }) => message,
        _ => Cow::Borrowed(body),
    }
}

#[cfg(test)]
mod tests {
    use super::published;

    #[test]
    fn an_envelope_is_opened_and_anything_else_left_as_it_is() {
        let envelope = r#"{"Type":"Notification","MessageId":"1","Message":"[{\"key\":\"\\u00e9\"}]","Signature":"s"}"#;
        assert_eq!(published(envelope), r#"[{"key":"\u00e9"}]"#);
        for bare in [
            "",
            "text",
            "[1]",
            r#"{"Message":"x"}"#,
            r#"{"Type":"Other","Message":"x"}"#,
        ] {
            assert_eq!(published(bare), bare);
        }
    }
}
