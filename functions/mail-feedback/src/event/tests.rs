//! Events of both forms.

use super::*;
use serde_json::{Value, json};

fn event(kind: &str, name: &str, more: &Value) -> String {
    let mut event = json!({
        kind: name,
        "mail": { "timestamp": "2026-01-02T03:04:05.678Z", "messageId": "m", "destination": ["ada@example.com"],
                  "tags": { "ses:caller-identity": ["worker"], "notice": ["tsk_1"] } },
    });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event.to_string()
}

fn bounce(bounce_type: &str, address: &str) -> Value {
    json!({ "bounce": { "bounceType": bounce_type, "timestamp": "2026-01-02T03:05:00Z",
                        "bouncedRecipients": [{ "emailAddress": address, "status": "5.1.1" }] } })
}

fn complaint(kind: &str) -> Value {
    json!({ "complaint": { "timestamp": "2026-01-02T03:05:00Z", "complaintFeedbackType": kind,
                           "complainedRecipients": [{ "emailAddress": "ada@example.com" }] } })
}

fn state(text: &str) -> Option<MailState> {
    read(text).unwrap().stopped.map(|(state, ..)| state)
}

#[test]
fn both_forms_say_the_same() {
    for kind in ["eventType", "notificationType"] {
        let feedback = read(&event(kind, "Bounce", &bounce("Permanent", "Ada <Ada@Example.com>"))).unwrap();
        let (state, at, addresses) = feedback.stopped.unwrap();
        assert_eq!(
            (state, at.to_string().as_str()),
            (MailState::Bounced, "2026-01-02T03:05:00Z")
        );
        assert_eq!(addresses, [Email::parse("ada@example.com").unwrap()]);
        let (notice, at) = feedback.sent.unwrap();
        assert_eq!(
            (notice.as_str(), at.to_string().as_str()),
            ("tsk_1", "2026-01-02T03:04:05.678Z")
        );
    }
}

#[test]
fn only_what_is_for_good_stops_mail() {
    assert_eq!(
        state(&event("eventType", "Complaint", &complaint("abuse"))),
        Some(MailState::Complained)
    );
    assert_eq!(state(&event("eventType", "Complaint", &complaint("not-spam"))), None);
    for passing in ["Transient", "Undetermined"] {
        assert_eq!(
            state(&event("eventType", "Bounce", &bounce(passing, "ada@example.com"))),
            None
        );
    }
}

#[test]
fn a_mail_that_went_out_names_its_notice_and_what_is_no_concern_of_ours_says_nothing() {
    let sent = read(&event("eventType", "Send", &json!({ "send": {} }))).unwrap();
    assert_eq!(sent.sent.unwrap().0.as_str(), "tsk_1");
    for nothing in [
        &event("eventType", "Reject", &json!({ "reject": { "reason": "Bad content" } })),
        &event("eventType", "Open", &json!({})),
        r#"{"notificationType":"AmazonSnsSubscriptionSucceeded","message":"You have successfully subscribed"}"#,
        "Successfully validated SNS topic for Amazon SES event publishing.",
    ] {
        assert_eq!(read(nothing).unwrap(), Feedback::default(), "{nothing}");
    }
}

#[test]
fn what_cannot_be_read_is_told_without_a_word_of_it() {
    for (text, said) in [
        ("ada@example.com", "syntax error at line 1"),
        (
            r#"{"eventType":"Bounce","mail":"ada@example.com"}"#,
            "data error at line 1",
        ),
        (r#"{"mail":{}}"#, "data error"),
        ("[]", "data error"),
        (r#"{"eventType":"Bounce"}"#, "a bounce without its details"),
        (
            &event("eventType", "Bounce", &bounce("Permanent", "ada@local")),
            "a bounce that names no address",
        ),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(said) && !error.contains("ada"), "{text}: {error}");
    }
}
