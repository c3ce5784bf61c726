//! One step of a filter: a pure function of the state and the reading's value.

use super::{Action, Filter, State, StateName, Transition};

/// A transition that a reading brings about.
#[derive(Debug, Clone, PartialEq)]
pub struct Step<'a> {
    /// The state that is entered.
    pub to: &'a StateName,
    /// What is to be done: the exit actions of the old state, then the entry actions of the new one.
    pub actions: Vec<&'a Action>,
}

impl Filter {
    /// What a reading of that value brings about in a state: the first transition from it all of whose triggers hold; none where there is none. A
    /// state that is none of the filter's has none.
    pub fn step(&self, state: &StateName, value: f64) -> Option<Step<'_>> {
        let taken = self
            .transitions
            .iter()
            .find(|it| it.from == *state && it.holds(value))?;
        let left = self.state(state).map(|state: &State| &state.on_exit);
        let entered = self.state(&taken.to).map(|state| &state.on_entry);
        Some(Step {
            to: &taken.to,
            actions: left.into_iter().chain(entered).flatten().collect(),
        })
    }
}

impl Transition {
    fn holds(&self, value: f64) -> bool {
        self.when.iter().all(|trigger| trigger.holds(value))
    }
}
