//! What a filter does on the way from one state to another.

use super::name::TopicName;
use super::progress::Fired;
use super::webhook::WebhookUrl;
use crate::reading::VariableName;
use crate::task::FileFormat;
use crate::{DeviceId, UserId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How deep streams may be derived from derived ones: a reading that is so many steps from one that was sent derives no other. Filters that
/// derive from each other in a ring end here.
pub const MAX_DEPTH: u8 = 3;

/// Longest time that a report tells of: as long as its file can be downloaded.
pub const MAX_REPORT_HOURS: u16 = 7 * 24;

/// An action as somebody writes it.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum NewAction {
    /// Mail members of the organisation. Who is no member when it is done gets none.
    Email {
        /// Who: 1 to 10 members.
        #[schema(min_items = 1, max_items = 10)]
        members: Vec<UserId>,
    },
    /// Post to a URL, signed as Standard Webhooks says.
    Webhook {
        /// Where: an `https` URL with a name for its host, at port 443 or 8443, of at most 512 characters.
        #[schema(max_length = 512, example = "https://hooks.example.com/millwright")]
        url: String,
    },
    /// Post to a channel of Slack.
    Slack {
        /// The incoming webhook's URL, which Slack makes. It is a secret: it is kept sealed and not shown again, so that each change sends it anew.
        #[schema(max_length = 512, example = "https://hooks.slack.com/services/T000/B000/XXXX")]
        url: String,
    },
    /// Publish to a topic of SNS that the deployment's staff have made for the organisation.
    Sns {
        /// The topic's name behind the deployment's prefix and the organisation's id.
        topic: TopicName,
    },
    /// Write a reading to another stream of the device, with the time of the one that brought it about.
    Derive {
        /// The stream: not the filter's own.
        variable: VariableName,
        /// The reading's value; unless said, that of the reading that brought it about.
        value: Option<f64>,
    },
    /// Have the stream's readings up to the one that brought it about written to a file, and mail members of the organisation where it is to be had.
    Report {
        /// Of how many hours: 1 to 168.
        #[schema(minimum = 1, maximum = 168)]
        hours: u16,
        /// What kind of file.
        #[serde(default)]
        format: FileFormat,
        /// Whom to mail: 1 to 10 members. A link to the file is given to those who may read readings.
        #[schema(min_items = 1, max_items = 10)]
        members: Vec<UserId>,
    },
}

/// An action of a filter that can be run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Action {
    /// Mail these members.
    Email {
        /// Who.
        members: Vec<UserId>,
    },
    /// Post to a URL.
    Webhook {
        /// Where.
        url: WebhookUrl,
    },
    /// Post to a channel of Slack.
    Slack {
        /// Where.
        url: Sealed,
    },
    /// Publish to a topic.
    Sns {
        /// Where.
        topic: TopicName,
    },
    /// Write a reading to another stream.
    Derive {
        /// The stream.
        variable: VariableName,
        /// Its value; none for that of the reading that brought it about.
        value: Option<f64>,
    },
    /// Write readings to a file, and mail these members.
    Report {
        /// Of how many hours before the reading that brought it about.
        hours: u16,
        /// As what.
        format: FileFormat,
        /// Who.
        members: Vec<UserId>,
    },
}

/// A secret of a filter, sealed: what reads it needs the deployment's key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed(String);

/// One action to be done: what a task of the kind `filter.act` carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Act {
    /// The device.
    pub device: DeviceId,
    /// The stream whose filter it is.
    pub variable: VariableName,
    /// The transition that brought it about.
    pub fired: Fired,
    /// Which of the transition's actions it is, from 0.
    pub place: u32,
    /// What is to be done.
    pub action: Action,
    /// What a webhook is signed with.
    pub secret: Option<Sealed>,
    /// How many steps the reading was from one that was sent.
    pub depth: u8,
}

impl Action {
    /// Its name in the contract.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Email { .. } => "email",
            Self::Webhook { .. } => "webhook",
            Self::Slack { .. } => "slack",
            Self::Sns { .. } => "sns",
            Self::Derive { .. } => "derive",
            Self::Report { .. } => "report",
        }
    }
}

impl Sealed {
    /// A text that a sealer has sealed.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The sealed text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(..)")
    }
}
