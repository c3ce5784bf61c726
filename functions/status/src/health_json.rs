//! The status as monitors read it (draft-inadarei-api-health-check-06).

use crate::components::{Component, State, whole};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// The media type, and what an `Accept` header must name to get it.
pub const MEDIA_TYPE: &str = "application/health+json";

/// How something fares, in the draft's words (section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should.
    Pass,
    /// It works, and something needs a look, or nothing is known of it yet.
    Warn,
    /// It does not.
    Fail,
}

/// How the system fares, in the form of health+json.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HealthView {
    /// How the whole fares.
    pub status: Verdict,
    /// The contract's major version.
    version: &'static str,
    description: &'static str,
    /// What each component's last sign of life tells, by `component:lastSeen`.
    checks: BTreeMap<String, Vec<CheckView>>,
}

/// What one component's last sign of life tells.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckView {
    component_type: &'static str,
    /// Seconds since its last sign of life.
    #[serde(skip_serializing_if = "Option::is_none")]
    observed_value: Option<i64>,
    observed_unit: &'static str,
    status: Verdict,
    /// When that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<Timestamp>,
}

impl From<State> for Verdict {
    fn from(state: State) -> Self {
        match state {
            State::Operational => Self::Pass,
            State::Degraded | State::Paused | State::Unknown => Self::Warn,
            State::Failing => Self::Fail,
        }
    }
}

impl HealthView {
    /// The view of these components.
    pub fn of(components: &[Component]) -> Self {
        let check = |component: &Component| {
            let view = CheckView {
                component_type: "component",
                observed_value: component.age_seconds,
                observed_unit: "s",
                status: component.state.into(),
                time: component.last_seen,
            };
            (format!("{}:lastSeen", component.name), vec![view])
        };
        Self {
            status: whole(components).into(),
            version: "1",
            description: "Millwright",
            checks: components.iter().map(check).collect(),
        }
    }
}

/// Whether an `Accept` header asks for it by name (RFC 9110 section 12.5.1), and not with a weight of nothing.
pub fn is_asked_for(accept: &str) -> bool {
    accept.split(',').any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(MEDIA_TYPE));
        named && !parts.any(|parameter| parameter.strip_prefix("q=").and_then(|q| q.parse().ok()) == Some(0.0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::components;
    use crate::components::tests::{now, signs};

    #[test]
    fn it_is_given_to_whoever_names_it() {
        for (accept, asked) in [
            ("application/health+json", true),
            ("text/html, Application/Health+JSON;q=0.9", true),
            ("application/health+json;q=0.0, */*", false),
            ("*/*", false),
            ("application/json", false),
            ("", false),
        ] {
            assert_eq!(is_asked_for(accept), asked, "{accept}");
        }
    }

    #[test]
    fn each_component_is_a_check() {
        let view = HealthView::of(&components(&signs(10), &[], now()));
        let view = serde_json::to_value(&view).unwrap();
        assert_eq!(view["status"], "pass");
        assert_eq!(view["checks"]["ingest-worker:lastSeen"][0]["observedValue"], 10);
        let fails = HealthView::of(&components(&signs(100_000), &[], now()));
        assert_eq!(fails.status, Verdict::Fail);
        let unknown = HealthView::of(&components(&aws_dynamodb::Signs::default(), &[], now()));
        assert_eq!(unknown.status, Verdict::Warn);
    }
}
