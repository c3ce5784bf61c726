//! SNS: telling whoever has subscribed to a topic.
//!
//! The only crate that names `aws-sdk-sns`. What a notice says is its sender's affair.

use aws_config::SdkConfig;
use aws_errors::failed;
use aws_sdk_sns::Client;
use domain::ServiceError;

/// Longest subject, in characters: SNS takes fewer than 100 (AWS "Publish").
const MAX_SUBJECT: usize = 99;
/// Longest text, in bytes: far under SNS's 256 KiB, and all that anybody reads of a notice.
const MAX_TEXT: usize = 32 * 1024;

/// One topic.
#[derive(Clone)]
pub struct Topic {
    client: Client,
    arn: String,
}

/// Topics whose names begin alike.
#[derive(Clone)]
pub struct Topics {
    client: Client,
    prefix: String,
}

impl Topics {
    /// The topics whose ARNs begin so.
    pub fn new(aws: &SdkConfig, prefix: String) -> Self {
        Self {
            client: Client::new(aws),
            prefix,
        }
    }

    /// The topic with that name behind the prefix, whether there is one or not.
    pub fn topic(&self, name: &str) -> Topic {
        Topic {
            client: self.client.clone(),
            arn: format!("{}{name}", self.prefix),
        }
    }
}

impl Topic {
    /// The topic of this ARN.
    pub fn new(aws: &SdkConfig, arn: String) -> Self {
        Self {
            client: Client::new(aws),
            arn,
        }
    }

    /// Sends a notice to every subscriber, **at least once**: SNS may deliver it twice, and a caller that repeats a call whose answer it lost
    /// sends it twice. A notice tells; what must not happen twice does not belong in one.
    ///
    /// A subject shows as printable ASCII, `?` for what is not, cut at 99 characters; a text is cut at 32 KiB and must not be empty.
    pub async fn publish(&self, subject: &str, text: &str) -> Result<(), ServiceError> {
        let call = self.client.publish().topic_arn(&self.arn);
        let call = call.subject(printable(subject)).message(cut(text));
        call.send().await.map_err(failed)?;
        Ok(())
    }
}

/// A subject as SNS takes it: no line break, nothing but ASCII, and no blank at its start.
fn printable(subject: &str) -> String {
    let ascii = |c: char| if c == ' ' || c.is_ascii_graphic() { c } else { '?' };
    subject.trim_start().chars().map(ascii).take(MAX_SUBJECT).collect()
}

/// As much of a text as a notice holds, not cutting a character in two.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_TEXT)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line_of_ascii() {
        assert_eq!(printable(" disk\nfull: Überlauf"), "disk?full: ?berlauf");
        assert_eq!(printable(&"x".repeat(500)).len(), MAX_SUBJECT);
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        let text = format!("{}ü", "x".repeat(MAX_TEXT - 1));
        assert_eq!(cut(&text).len(), MAX_TEXT - 1);
        assert_eq!(cut("short"), "short");
    }
}
