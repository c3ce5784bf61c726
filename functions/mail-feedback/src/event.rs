//! What SES tells of a mail, in both of its forms: events of a configuration set (`eventType`; AWS "Contents of event data that Amazon SES
//! publishes to Amazon SNS") and notifications of an identity (`notificationType`; AWS "Amazon SNS notification contents for Amazon SES").
//!
//! What cannot be read is told without a word of it: it may hold an address.

use domain::mail::{MailState, NoticeId};
use domain::text::Email;
use jiff::Timestamp;
use serde::Deserialize;

/// What SES publishes once, when a topic is made a destination of its events.
const TOPIC_WORKS: &str = "Successfully validated SNS topic";

/// What follows from an event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Feedback {
    /// The notice that went out, and when.
    pub sent: Option<(NoticeId, Timestamp)>,
    /// Addresses that take no more mail, why and since when.
    pub stopped: Option<(MailState, Timestamp, Vec<Email>)>,
}

/// Why a message is no event of SES's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is not JSON of that form; where it is not.
    #[error("not an event of SES: {0} error at line {1}, column {2}")]
    Form(&'static str, usize, usize),
    /// A bounce or complaint does not say what it must.
    #[error("a {0} without its details")]
    Details(&'static str),
    /// A bounce or complaint names no address that could have been written to.
    #[error("a {0} that names no address")]
    NoAddress(&'static str),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    #[serde(alias = "notificationType")]
    event_type: String,
    mail: Option<Mail>,
    bounce: Option<Bounce>,
    complaint: Option<Complaint>,
}

#[derive(Deserialize)]
struct Mail {
    timestamp: Timestamp,
    #[serde(default)]
    tags: Tags,
}

#[derive(Deserialize, Default)]
struct Tags {
    #[serde(default)]
    notice: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    bounce_type: String,
    bounced_recipients: Vec<Recipient>,
    timestamp: Timestamp,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    complained_recipients: Vec<Recipient>,
    complaint_feedback_type: Option<String>,
    timestamp: Timestamp,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    email_address: String,
}

/// Reads an event. Kinds that change nothing here are read as nothing.
pub fn read(text: &str) -> Result<Feedback, Unreadable> {
    if text.trim_start().starts_with(TOPIC_WORKS) {
        return Ok(Feedback::default());
    }
    let event: Event = serde_json::from_str(text).map_err(|error| form(&error))?;
    let stopped = match event.event_type.as_str() {
        "Bounce" => event.bounce.ok_or(Unreadable::Details("bounce"))?.stopped()?,
        "Complaint" => event.complaint.ok_or(Unreadable::Details("complaint"))?.stopped()?,
        "Send" | "Delivery" => None,
        // A mail that was refused, delayed or opened, and the word that a topic will be told of bounces.
        _ => return Ok(Feedback::default()),
    };
    // Whatever becomes of a mail, it went out: the event that says so by its name may be late.
    let sent = event.mail.and_then(Mail::notice);
    Ok(Feedback { sent, stopped })
}

impl Mail {
    fn notice(self) -> Option<(NoticeId, Timestamp)> {
        let notice = self.tags.notice.first()?.parse().ok()?;
        Some((notice, self.timestamp))
    }
}

type Stopped = Option<(MailState, Timestamp, Vec<Email>)>;

impl Bounce {
    /// A mailbox that is full, or a bounce that SES cannot make out, may pass.
    fn stopped(&self) -> Result<Stopped, Unreadable> {
        let stops = self.bounce_type == "Permanent";
        let stop = || {
            Ok((
                MailState::Bounced,
                self.timestamp,
                addresses(&self.bounced_recipients, "bounce")?,
            ))
        };
        stops.then(stop).transpose()
    }
}

impl Complaint {
    /// Somebody may also say that a mail is no spam after all.
    fn stopped(&self) -> Result<Stopped, Unreadable> {
        let stops = self.complaint_feedback_type.as_deref() != Some("not-spam");
        let stop = || {
            Ok((
                MailState::Complained,
                self.timestamp,
                addresses(&self.complained_recipients, "complaint")?,
            ))
        };
        stops.then(stop).transpose()
    }
}

/// The addresses, bare. What other servers write in an address's place, and we could not have written to, is passed over.
fn addresses(recipients: &[Recipient], kind: &'static str) -> Result<Vec<Email>, Unreadable> {
    let bare = |text: &str| match (text.rfind('<'), text.rfind('>')) {
        (Some(from), Some(to)) if from < to => Email::parse(&text[from + 1..to]),
        _ => Email::parse(text),
    };
    let found: Vec<_> = recipients
        .iter()
        .filter_map(|recipient| bare(&recipient.email_address).ok())
        .collect();
    if found.is_empty() {
        Err(Unreadable::NoAddress(kind))
    } else {
        Ok(found)
    }
}

fn form(error: &serde_json::Error) -> Unreadable {
    let kind = if error.is_data() { "a data" } else { "a syntax" };
    Unreadable::Form(kind, error.line(), error.column())
}

#[cfg(test)]
mod tests;
