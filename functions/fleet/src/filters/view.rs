//! A filter as members see it: never a secret, but in the one answer that makes it.

use domain::filter::{Action, Fired, Progress, SetFilter, State, StateName, TopicName, Transition};
use domain::reading::{ReadingTime, VariableName};
use domain::task::FileFormat;
use domain::{FilterId, ProjectId, UserId};
use jiff::Timestamp;
use serde::Serialize;

/// A filter.
#[derive(Serialize, utoipa::ToSchema)]
pub struct FilterView {
    id: FilterId,
    /// The project whose filter the stream goes through, having none of its own; `null` for a filter of one's own.
    project: Option<ProjectId>,
    /// The state that a stream begins in.
    initial: StateName,
    states: Vec<StateView>,
    /// Of those from the present state the first all of whose triggers hold is taken.
    transitions: Vec<Transition>,
    /// Who set it last: the id of a person or a key.
    set_by: String,
    set_at: Timestamp,
    /// Where the stream is; `null` for a project's filter, and until the stream has readings.
    present: Option<PresentView>,
    /// What its webhooks are signed with, as Standard Webhooks says: shown this once, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    webhook_secret: Option<String>,
}

/// A state of a filter.
#[derive(Serialize, utoipa::ToSchema)]
struct StateView {
    name: StateName,
    on_entry: Vec<ActionView>,
    on_exit: Vec<ActionView>,
}

/// An action of a filter.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ActionView {
    Email {
        members: Vec<UserId>,
    },
    Webhook {
        url: String,
    },
    /// Its URL is a secret, and not shown.
    Slack {},
    Sns {
        topic: TopicName,
    },
    Derive {
        variable: VariableName,
        value: Option<f64>,
    },
    Report {
        hours: u16,
        format: FileFormat,
        members: Vec<UserId>,
    },
}

/// Where a stream is in its filter.
#[derive(Serialize, utoipa::ToSchema)]
struct PresentView {
    state: StateName,
    /// The time of the reading that led there; `null` in the state that it began in.
    since: Option<ReadingTime>,
    /// The time of the newest reading that went through.
    seen: Option<ReadingTime>,
}

/// A transition that a stream made.
#[derive(Serialize, utoipa::ToSchema)]
pub struct TransitionView {
    /// Its number among the stream's, from 1. Numbers are left out of the list where there were more than 500 in an hour.
    number: u64,
    from: StateName,
    to: StateName,
    /// The time and value of the reading that brought it about.
    time: Option<ReadingTime>,
    value: f64,
    /// How many actions it asked for.
    actions: u32,
    /// How many it did not ask for, since the stream had 100 in the hour.
    left_out: u32,
    /// When it was made.
    at: Timestamp,
}

impl FilterView {
    /// A filter, of that project where it is the project's and seen from a stream.
    pub fn new(set: SetFilter, project: Option<ProjectId>, progress: Option<Progress>) -> Self {
        // What a stream kept of another filter says nothing of this one.
        let progress = progress.map(|kept| Progress::of(set.id, &set.filter, Some(kept)));
        Self {
            id: set.id,
            project,
            initial: set.filter.initial,
            states: set.filter.states.into_iter().map(StateView::from).collect(),
            transitions: set.filter.transitions,
            set_by: set.set_by,
            set_at: set.set_at,
            present: progress.map(PresentView::from),
            webhook_secret: None,
        }
    }

    /// With the secret that was just made, where one was.
    pub fn showing(self, webhook_secret: Option<String>) -> Self {
        Self { webhook_secret, ..self }
    }
}

impl From<State> for StateView {
    fn from(
        State {
            name,
            on_entry,
            on_exit,
        }: State,
    ) -> Self {
        let views = |actions: Vec<Action>| actions.into_iter().map(ActionView::from).collect();
        Self {
            name,
            on_entry: views(on_entry),
            on_exit: views(on_exit),
        }
    }
}

impl From<Action> for ActionView {
    fn from(action: Action) -> Self {
        match action {
            Action::Email { members } => Self::Email { members },
            Action::Webhook { url } => Self::Webhook {
                url: url.as_str().to_owned(),
            },
            Action::Slack { .. } => Self::Slack {},
            Action::Sns { topic } => Self::Sns { topic },
            Action::Derive { variable, value } => Self::Derive { variable, value },
            Action::Report { hours, format, members } => Self::Report { hours, format, members },
        }
    }
}

impl From<Progress> for PresentView {
    fn from(progress: Progress) -> Self {
        Self {
            state: progress.state,
            since: progress.since.and_then(time),
            seen: progress.seen.and_then(|seen| time(seen.time)),
        }
    }
}

impl From<Fired> for TransitionView {
    fn from(fired: Fired) -> Self {
        Self {
            number: fired.number,
            from: fired.from,
            to: fired.to,
            time: time(fired.time),
            value: fired.value,
            actions: fired.actions,
            left_out: fired.left_out,
            at: fired.at,
        }
    }
}

/// Every reading has a time that there can be; were there another, it would not be worth an error.
fn time(nanos: i64) -> Option<ReadingTime> {
    ReadingTime::from_nanos(nanos).ok()
}
