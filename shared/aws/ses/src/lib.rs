//! SES: mail to one person at a time, in plain text.
//!
//! The only crate that names `aws-sdk-sesv2`. What a mail says is its sender's affair; what SES tells of it afterwards comes by SNS to
//! `functions/mail-feedback`.
//!
//! SES has no idempotency token: a call whose answer is lost may have sent the mail. So the SDK's own retries are off, and the error says
//! which it is. Whoever sends claims the notice first: see `Directory::claim_notice` in `aws-dynamodb`.

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::Builder;
use aws_sdk_sesv2::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageTag};
use domain::ServiceError;
use domain::mail::NoticeId;
use domain::text::Email;

/// Longest subject, in characters: what mail programs show of one (RFC 5322 section 2.1.1 wants lines of at most 78, far more are cut).
const MAX_SUBJECT: usize = 200;
/// Longest text, in bytes: a notice is a few lines and a link.
const MAX_TEXT: usize = 32 * 1024;
/// The tag of a mail that names its notice, in the mail and in what SES tells of it.
pub const NOTICE_TAG: &str = "notice";

/// Sends mail.
#[derive(Clone)]
pub struct Mailer {
    client: Client,
    sender: String,
    configuration_set: Option<String>,
}

/// One mail.
#[derive(Clone)]
pub struct Mail {
    /// Who gets it.
    pub to: Email,
    /// Its subject: one line, cut at 200 characters.
    pub subject: String,
    /// Its text: cut at 32 KiB.
    pub text: String,
    /// Which notice it is.
    pub notice: NoticeId,
}

/// Why a mail was not sent, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// SES did not take it: it goes to nobody, and may be sent again at once.
    #[error("SES refused the mail: {0}")]
    Refused(ServiceError),
    /// There is no answer that tells: it may be on its way. Sending again before SES's `Send` event could tell may send it twice.
    #[error("it is not known whether SES took the mail: {0}")]
    Unknown(ServiceError),
}

impl From<NotSent> for ServiceError {
    fn from(not_sent: NotSent) -> Self {
        match not_sent {
            NotSent::Refused(error) | NotSent::Unknown(error) => error,
        }
    }
}

impl Mailer {
    /// Sends as that address, which must be a verified identity of SES or of a verified domain (AWS "Verified identities"). Without the
    /// configuration set, SES tells nothing of what becomes of a mail.
    pub fn new(aws: &SdkConfig, sender: String, configuration_set: Option<String>) -> Self {
        let config = Builder::from(aws).retry_config(RetryConfig::disabled()).build();
        Self {
            client: Client::from_conf(config),
            sender,
            configuration_set,
        }
    }

    /// Sends a mail, tagged with its notice; SES's id of it.
    pub async fn send(&self, mail: &Mail) -> Result<String, NotSent> {
        let (content, tag) = parts(mail).map_err(|error| refused(error.to_string()))?;
        let call = self
            .client
            .send_email()
            .from_email_address(&self.sender)
            .destination(Destination::builder().to_addresses(mail.to.as_str()).build())
            .set_configuration_set_name(self.configuration_set.clone())
            .content(content)
            .email_tags(tag);
        let answer = call.send().await.map_err(|error| not_sent(&error))?;
        Ok(answer.message_id.unwrap_or_default())
    }
}

fn parts(mail: &Mail) -> Result<(EmailContent, MessageTag), BuildError> {
    let utf8 = |text: &str| Content::builder().data(text).charset("UTF-8").build();
    let body = Body::builder().text(utf8(cut(&mail.text))?).build();
    let message = Message::builder().subject(utf8(&one_line(&mail.subject))?).body(body);
    let tag = MessageTag::builder()
        .name(NOTICE_TAG)
        .value(mail.notice.as_str())
        .build()?;
    Ok((EmailContent::builder().simple(message.build()).build(), tag))
}

/// A subject without line breaks, behind which a header could hide, and other control characters.
fn one_line(subject: &str) -> String {
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    subject.trim().chars().map(visible).take(MAX_SUBJECT).collect()
}

/// As much of a text as a mail holds, not cutting a character in two.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_TEXT)]
}

fn refused(why: String) -> NotSent {
    NotSent::Refused(ServiceError::Failed(why))
}

/// What a failed call tells. SES's own message stays here: it may name the address.
fn not_sent(error: &SdkError<SendEmailError>) -> NotSent {
    let code = error.code();
    match error {
        SdkError::ConstructionFailure(_) => refused("the call could not be made".to_owned()),
        // A fault of SES's own may have come after it took the mail.
        SdkError::ServiceError(answer) if !answer.raw().status().is_server_error() => {
            NotSent::Refused(ServiceError::of(code, "SES did not take the mail"))
        }
        _ => NotSent::Unknown(ServiceError::of(code, "SES gave no answer that tells")),
    }
}

#[cfg(test)]
mod tests;
