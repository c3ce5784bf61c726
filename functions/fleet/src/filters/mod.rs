//! Filters of projects' variables and of streams. A stream goes through its own; where it has none, through its project's.

pub mod project;
mod secrets;
mod set;
pub mod stream;
mod view;

use aws_dynamodb::{FilterOf, OrgTable};
use domain::filter::{Action, SetFilter};
use domain::reading::VariableName;
use http_api::Problem;
use serde_json::{Value, json};

/// Where a filter is.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// Whose it is.
    of: FilterOf,
    /// Of which variable.
    variable: &'a VariableName,
}

impl Place<'_> {
    /// What the journal calls it.
    fn resource(self) -> String {
        match self.of {
            FilterOf::Project(project) => format!("{project}/filters/{}", self.variable),
            FilterOf::Device(device) => format!("{device}/streams/{}/filter", self.variable),
        }
    }
}

/// A filter that must be there.
async fn existing(table: &OrgTable, place: Place<'_>) -> Result<SetFilter, Problem> {
    let found = table.filter(place.of, place.variable).await?;
    found.ok_or_else(|| Problem::not_found("filter: set one with `If-Match: \"0\"`"))
}

/// What the journal tells of a filter: no secrets, and no more than who reads it later needs to find it in a copy of theirs.
fn told(set: &SetFilter) -> Value {
    let states: Vec<_> = set.filter.states.iter().map(|state| &state.name).collect();
    let actions: Vec<_> = set.filter.actions().map(Action::as_str).collect();
    json!({
        "id": set.id, "version": set.version, "states": states, "transitions": set.filter.transitions.len(), "actions": actions,
    })
}
