//! What somebody writes becomes a filter that can be run, or the places that are wrong.

use super::action::MAX_REPORT_HOURS;
use super::webhook::{PlainHosts, WebhookUrl};
use super::{
    Action, Filter, MAX_ACTIONS, MAX_ACTIONS_OF_A_STATE, MAX_STATES, MAX_TRANSITIONS, MAX_TRIGGERS, NewAction,
    NewFilter, NewState, Sealed, State, StateName, Transition, Trigger,
};
use crate::UserId;
use crate::reading::VariableName;
use std::collections::BTreeSet;

/// Most people whom one action mails.
const MAX_MEMBERS: usize = 10;

/// What a filter is parsed by.
pub struct Rules<'a> {
    /// The variable that it is for.
    pub variable: &'a VariableName,
    /// Hosts that may be posted to over plain HTTP.
    pub plain_hosts: &'a PlainHosts,
    /// Seals a secret; none where that fails.
    pub seal: &'a dyn Fn(&str) -> Option<Sealed>,
}

/// The places that are wrong, as JSON Pointers (RFC 6901), each with what to change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FilterErrors(pub Vec<(String, String)>);

impl FilterErrors {
    fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.push((pointer.into(), detail.into()));
    }

    fn at_most(&mut self, pointer: impl Into<String>, many: usize, most: usize) {
        if many > most {
            self.add(pointer, format!("must have at most {most}, not {many}"));
        }
    }
}

impl NewFilter {
    /// The filter, if it can be run.
    pub fn parse(self, rules: &Rules<'_>) -> Result<Filter, FilterErrors> {
        let mut errors = FilterErrors::default();
        errors.at_most("/states", self.states.len(), MAX_STATES);
        errors.at_most("/transitions", self.transitions.len(), MAX_TRANSITIONS);
        let actions = self
            .states
            .iter()
            .map(|state| state.on_entry.len() + state.on_exit.len());
        let actions: usize = actions.sum();
        if actions > MAX_ACTIONS {
            errors.add(
                "/states",
                format!("must have at most {MAX_ACTIONS} actions in all, not {actions}"),
            );
        }
        // What is too large is not looked at more closely.
        if !errors.0.is_empty() {
            return Err(errors);
        }
        self.names(&mut errors);
        self.ways(&mut errors);
        if errors.0.is_empty() {
            self.reach(&mut errors);
        }
        let states = (0..).zip(self.states).map(|(n, it)| state(n, it, rules, &mut errors));
        let states = states.collect();
        match errors.0.is_empty() {
            true => Ok(Filter {
                initial: self.initial,
                states,
                transitions: self.transitions,
            }),
            false => Err(errors),
        }
    }

    /// Whether any of its actions has or needs a secret.
    pub fn needs_sealing(&self) -> bool {
        let actions = self
            .states
            .iter()
            .flat_map(|state| state.on_entry.iter().chain(&state.on_exit));
        actions
            .into_iter()
            .any(|it| matches!(it, NewAction::Webhook { .. } | NewAction::Slack { .. }))
    }

    fn has(&self, name: &StateName) -> bool {
        self.states.iter().any(|state| state.name == *name)
    }

    fn names(&self, errors: &mut FilterErrors) {
        let mut known = BTreeSet::new();
        for (n, state) in self.states.iter().enumerate() {
            if !known.insert(&state.name) {
                errors.add(format!("/states/{n}/name"), "must be a name that no other state has");
            }
        }
        if !self.has(&self.initial) {
            errors.add("/initial", "must be the name of one of the states");
        }
    }

    fn ways(&self, errors: &mut FilterErrors) {
        let mut closed = BTreeSet::new();
        for (n, Transition { from, to, when }) in self.transitions.iter().enumerate() {
            for (end, name) in [("from", from), ("to", to)] {
                if !self.has(name) {
                    let detail = format!("must be the name of one of the states, which {name} is not");
                    errors.add(format!("/transitions/{n}/{end}"), detail);
                }
            }
            if from == to {
                errors.add(format!("/transitions/{n}/to"), "must be another state than `from`");
            }
            if when.is_empty() {
                errors.add(format!("/transitions/{n}/when"), "must have a trigger; `always` is one");
            }
            errors.at_most(format!("/transitions/{n}/when"), when.len(), MAX_TRIGGERS);
            if closed.contains(from) {
                let detail = "is never looked at: one before it, from the same state, is always taken";
                errors.add(format!("/transitions/{n}"), detail);
            }
            if when.iter().all(Trigger::is_always) {
                closed.insert(from);
            }
        }
    }

    /// Every state must be one that a stream can come to.
    fn reach(&self, errors: &mut FilterErrors) {
        let mut reached = BTreeSet::from([&self.initial]);
        loop {
            let ways = self.transitions.iter();
            let further = ways.filter(|way| reached.contains(&way.from) && !reached.contains(&way.to));
            let further: Vec<_> = further.map(|way| &way.to).collect();
            if further.is_empty() {
                break;
            }
            reached.extend(further);
        }
        for (n, state) in self.states.iter().enumerate() {
            if !reached.contains(&state.name) {
                let detail = "must be reached from the initial state by some transitions";
                errors.add(format!("/states/{n}/name"), detail);
            }
        }
    }
}

fn state(n: usize, state: NewState, rules: &Rules<'_>, errors: &mut FilterErrors) -> State {
    let NewState {
        name,
        on_entry,
        on_exit,
    } = state;
    let mut actions = |side: &str, written: Vec<NewAction>| {
        let pointer = format!("/states/{n}/{side}");
        errors.at_most(&pointer, written.len(), MAX_ACTIONS_OF_A_STATE);
        let parsed = written.into_iter().enumerate().map(|(k, it)| (k, action(it, rules)));
        let mut good = Vec::new();
        for (k, parsed) in parsed {
            match parsed {
                Ok(action) => good.push(action),
                Err((member, detail)) => errors.add(format!("{pointer}/{k}/{member}"), detail),
            }
        }
        good
    };
    State {
        name,
        on_entry: actions("on_entry", on_entry),
        on_exit: actions("on_exit", on_exit),
    }
}

/// An action, or which member of it is wrong and why.
fn action(written: NewAction, rules: &Rules<'_>) -> Result<Action, (&'static str, String)> {
    match written {
        NewAction::Email { members } => {
            let members = different(members)?;
            Ok(Action::Email { members })
        }
        NewAction::Webhook { url } => {
            let url = WebhookUrl::parse(&url, rules.plain_hosts).map_err(|error| ("url", error.to_string()))?;
            Ok(Action::Webhook { url })
        }
        NewAction::Slack { url } => {
            let parsed = WebhookUrl::slack(&url, rules.plain_hosts).map_err(|error| ("url", error.to_string()))?;
            let sealed = (rules.seal)(parsed.as_str());
            let url = sealed.ok_or_else(|| ("url", "could not be kept: send it again".to_owned()))?;
            Ok(Action::Slack { url })
        }
        NewAction::Sns { topic } => Ok(Action::Sns { topic }),
        NewAction::Derive { variable, .. } if variable == *rules.variable => {
            Err(("variable", "must be another stream than the filter's own".to_owned()))
        }
        NewAction::Derive { variable, value } => Ok(Action::Derive { variable, value }),
        NewAction::Report { hours, .. } if !(1..=MAX_REPORT_HOURS).contains(&hours) => {
            Err(("hours", format!("must be 1 to {MAX_REPORT_HOURS}")))
        }
        NewAction::Report { hours, format, members } => {
            let members = different(members)?;
            Ok(Action::Report { hours, format, members })
        }
    }
}

/// Members, each once.
fn different(members: Vec<UserId>) -> Result<Vec<UserId>, (&'static str, String)> {
    let different: BTreeSet<_> = members.into_iter().collect();
    match different.is_empty() || different.len() > MAX_MEMBERS {
        true => Err(("members", format!("must name 1 to {MAX_MEMBERS} members"))),
        false => Ok(different.into_iter().collect()),
    }
}
