//! Stream filters: a state machine that the readings of a stream go through, with actions on the way out of a state and into the next.
//!
//! [`NewFilter`] is what somebody writes, [`Filter`] what can be run; [`Filter::step`] is one reading's part, and [`Progress::take`] is that of a
//! reading that may come late or twice. Nothing here acts: what a step asks for, a task does. To add an action: a variant of [`NewAction`] and
//! [`Action`], its check in `parse.rs`, and what is done in `functions/aws-worker/src/jobs/act_on_filter/`.

mod action;
mod name;
mod parse;
mod progress;
mod step;
#[cfg(test)]
mod tests;
mod trigger;
pub mod webhook;

pub use action::{Act, Action, MAX_DEPTH, MAX_REPORT_HOURS, NewAction, Sealed};
pub use name::{StateName, TopicName};
pub use parse::{FilterErrors, Rules};
pub use progress::{Fired, KEPT, Progress, Seen};
pub use step::Step;
pub use trigger::{Comparison, Trigger};

use crate::FilterId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Most states of a filter.
pub const MAX_STATES: usize = 16;
/// Most transitions of a filter.
pub const MAX_TRANSITIONS: usize = 64;
/// Most triggers of a transition.
pub const MAX_TRIGGERS: usize = 8;
/// Most actions on the way into a state, and on the way out.
pub const MAX_ACTIONS_OF_A_STATE: usize = 4;
/// Most actions of a filter in all: its row stays a few kilobytes.
pub const MAX_ACTIONS: usize = 16;

/// A filter as somebody writes it.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFilter {
    /// The state that a stream begins in. Its entry actions are not done then.
    pub initial: StateName,
    /// The states: 1 to 16, each to be reached from the initial one.
    #[schema(min_items = 1, max_items = 16)]
    pub states: Vec<NewState>,
    /// The transitions, at most 64. Of those from the present state the first all of whose triggers hold is taken.
    #[schema(max_items = 64)]
    pub transitions: Vec<Transition>,
    /// Whether webhooks are signed with a new secret from now on.
    #[serde(default)]
    pub new_webhook_secret: bool,
}

/// A state as somebody writes it.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewState {
    /// Its name, which no other state of the filter has.
    pub name: StateName,
    /// What is done on the way into it, at most 4 actions.
    #[serde(default)]
    #[schema(max_items = 4)]
    pub on_entry: Vec<NewAction>,
    /// What is done on the way out of it, at most 4 actions.
    #[serde(default)]
    #[schema(max_items = 4)]
    pub on_exit: Vec<NewAction>,
}

/// A way from one state to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// The state that it leads from.
    pub from: StateName,
    /// The state that it leads to: another one.
    pub to: StateName,
    /// What must hold of a reading, all of it: 1 to 8 triggers.
    #[schema(min_items = 1, max_items = 8)]
    pub when: Vec<Trigger>,
}

/// A filter that can be run: its states and transitions fit together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Filter {
    /// The state that a stream begins in.
    pub initial: StateName,
    /// Its states, each with a name of its own.
    pub states: Vec<State>,
    /// Its transitions, in the order in which they are looked at.
    pub transitions: Vec<Transition>,
}

/// A state of a filter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Its name.
    pub name: StateName,
    /// What is done on the way into it.
    pub on_entry: Vec<Action>,
    /// What is done on the way out of it.
    pub on_exit: Vec<Action>,
}

/// A filter as it is set for a project's or a device's variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SetFilter {
    /// Its id: another one after it was deleted and set anew.
    pub id: FilterId,
    /// What it does. As JSON: no database rounds its numbers.
    #[serde(with = "as_json")]
    pub filter: Filter,
    /// What its webhooks are signed with; none where it has no webhook.
    #[serde(default)]
    pub secret: Option<Sealed>,
    /// Counts its changes, from 1; the `ETag`.
    pub version: u64,
    /// Who set it last: the id of a person or a key.
    pub set_by: String,
    /// When that was.
    pub set_at: Timestamp,
}

impl Filter {
    /// The state of that name.
    pub fn state(&self, name: &StateName) -> Option<&State> {
        self.states.iter().find(|state| state.name == *name)
    }

    /// Every action of every state.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        self.states
            .iter()
            .flat_map(|state| state.on_entry.iter().chain(&state.on_exit))
    }

    /// Whether any of its actions is a webhook, for which it needs a secret.
    pub fn signs(&self) -> bool {
        self.actions().any(|action| matches!(action, Action::Webhook { .. }))
    }
}

/// A value as a text of JSON within whatever else.
mod as_json {
    use serde::de::{DeserializeOwned, Error as _};
    use serde::ser::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<T: Serialize, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&serde_json::to_string(value).map_err(S::Error::custom)?)
    }

    pub fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        serde_json::from_str(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
