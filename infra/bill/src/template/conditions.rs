//! Which conditions of a template are met.

use std::collections::BTreeMap;
use yaml_serde::Value;

/// The conditions, for some parameters.
pub(super) struct Conditions<'t> {
    conditions: &'t Value,
    parameters: BTreeMap<String, String>,
}

impl<'t> Conditions<'t> {
    /// Those of a template, for its parameters' defaults but where something else is given.
    pub(super) fn of(template: &'t Value, given: &[(&str, &str)]) -> Self {
        let all = template["Parameters"].as_mapping().into_iter().flatten();
        let defaults = all.map(|(name, parameter)| (crate::text(name), crate::text(&parameter["Default"])));
        let mut parameters: BTreeMap<_, _> = defaults.collect();
        parameters.extend(
            given
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        Self {
            conditions: &template["Conditions"],
            parameters,
        }
    }

    /// A parameter's value.
    pub(super) fn parameter(&self, name: &str) -> String {
        self.parameters.get(name).cloned().unwrap_or_default()
    }

    /// Whether a condition is met.
    pub(super) fn met(&self, name: &str) -> bool {
        self.holds(&self.conditions[name])
    }

    fn holds(&self, condition: &Value) -> bool {
        let (kind, inside) = match condition {
            Value::Tagged(tagged) => (tagged.tag.to_string(), &tagged.value),
            Value::Mapping(map) => match map.iter().next() {
                Some((kind, inside)) => (crate::text(kind), inside),
                None => return false,
            },
            _ => return false,
        };
        let mut each = inside.as_sequence().into_iter().flatten();
        match kind.trim_start_matches('!') {
            "Condition" => self.met(&crate::text(inside)),
            "Not" => each.all(|it| !self.holds(it)),
            "And" => each.all(|it| self.holds(it)),
            "Or" => each.any(|it| self.holds(it)),
            "Equals" => {
                let values: Vec<_> = each.map(|it| self.value(it)).collect();
                values.windows(2).all(|pair| pair[0] == pair[1])
            }
            _ => false,
        }
    }

    fn value(&self, value: &Value) -> String {
        match value {
            Value::Tagged(tagged) => self.parameter(&crate::text(&tagged.value)),
            other => crate::text(other),
        }
    }

    /// What is left of a value with `!If` in it; none where it is `AWS::NoValue`.
    pub(super) fn resolved<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        match value {
            Value::Tagged(tagged) if tagged.tag == "If" => {
                let branches = tagged.value.as_sequence()?;
                let which = if self.met(&crate::text(branches.first()?)) {
                    1
                } else {
                    2
                };
                self.resolved(branches.get(which)?)
            }
            Value::Tagged(tagged) if tagged.value == "AWS::NoValue" => None,
            other => Some(other),
        }
    }
}
