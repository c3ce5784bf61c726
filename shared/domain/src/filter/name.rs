//! Names of states and topics.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest name of a state, in bytes.
const STATE_BYTES: usize = 32;
/// Longest name of a topic, in bytes: behind a prefix and an organisation's id it stays under the 256 that SNS takes (AWS "CreateTopic").
const TOPIC_BYTES: usize = 64;

/// A text that is no name of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to {0} characters out of A-Z a-z 0-9 _ -")]
pub struct NameError(usize);

/// The name of a state: 1 to 32 of `A-Z a-z 0-9 _ -`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 1, max_length = 32, pattern = "^[A-Za-z0-9_-]+$", example = "hot")]
pub struct StateName(String);

/// The last part of the name of a topic of SNS: 1 to 64 of `A-Z a-z 0-9 _ -`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$", example = "alerts")]
pub struct TopicName(String);

fn plain(text: String, most: usize) -> Result<String, NameError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    let fits = (1..=most).contains(&text.len()) && text.bytes().all(allowed);
    fits.then_some(text).ok_or(NameError(most))
}

impl TryFrom<String> for StateName {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        plain(text, STATE_BYTES).map(Self)
    }
}

impl From<StateName> for String {
    fn from(name: StateName) -> Self {
        name.0
    }
}

impl fmt::Display for StateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for TopicName {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        plain(text, TOPIC_BYTES).map(Self)
    }
}

impl From<TopicName> for String {
    fn from(name: TopicName) -> Self {
        name.0
    }
}

impl fmt::Display for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
