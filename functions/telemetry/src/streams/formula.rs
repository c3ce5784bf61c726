//! Whether a stream may be computed by a formula.

use crate::readings::Known;
use crate::stored::{Stored, Times, newest};
use aws_dynamodb::{Change, OrgTable, Refused, Stream};
use domain::DeviceId;
use domain::formula::Formula;
use domain::reading::VariableName;
use domain::stream::StreamSettings;
use http_api::{Kind, Problem};

/// Refuses new settings by which the stream is computed, where it cannot be by that formula; its row, where it has one. No formula is over a computed stream,
/// be it this one or another. Two that are laid down at one moment can make it so all the same: then reading tells.
pub async fn check(
    table: &OrgTable,
    device: DeviceId,
    (old, new): (&StreamSettings, &StreamSettings),
) -> Result<Option<Stream>, Problem> {
    let row = table.stream(device, &new.variable).await?;
    let Some(formula) = new.formula.as_ref().filter(|_| old.formula != new.formula) else {
        return Ok(row);
    };
    if let Some(detail) = unfit(formula, &new.variable, &table.device_settings(device).await?) {
        return Err(Problem::field("/formula", detail));
    }
    if let (None, Some(stream)) = (&old.formula, row.clone()) {
        let known = Known {
            stream,
            settings: old.clone(),
        };
        let stored = Stored::new(table, device, &known);
        if !newest(&stored, Times::ALL, 1).await?.is_empty() {
            let detail = "The stream has stored readings, which nobody would see any more: delete them first, or choose another name.";
            return Err(Problem::new(Kind::Conflict, detail));
        }
    }
    Ok(row)
}

/// What is wrong with a formula for a stream of a device with these settings.
fn unfit(formula: &Formula, variable: &VariableName, others: &[StreamSettings]) -> Option<String> {
    if formula.uses(variable) {
        return Some("must not be over the stream itself".to_owned());
    }
    let computed = |of: &&StreamSettings| of.formula.is_some() && formula.uses(&of.variable);
    if let Some(input) = others.iter().find(computed) {
        let name = &input.variable;
        return Some(format!(
            "must be over stored streams, and {name} is computed itself: put its formula in here"
        ));
    }
    let user = |of: &&StreamSettings| of.formula.as_ref().is_some_and(|of| of.uses(variable));
    let user = others.iter().find(user)?;
    let name = &user.variable;
    Some(format!(
        "must not be: {name} is computed from this stream, and no stream is from one that is computed itself"
    ))
}

/// Lays down what is said of a stream; one that is computed and has no row yet gets one.
pub async fn put(
    table: &OrgTable,
    (device, row): (DeviceId, Option<Stream>),
    change: Change,
    settings: &StreamSettings,
) -> Result<(), Refused> {
    match (&settings.formula, row) {
        (Some(_), None) => table.put_computed_stream(change, device, settings).await,
        _ => table.put_stream_settings(change, device, settings).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variable: &str, formula: Option<&str>) -> StreamSettings {
        StreamSettings {
            formula: formula.map(|text| Formula::parse(text).unwrap()),
            ..StreamSettings::of(variable.parse().unwrap())
        }
    }

    #[test]
    fn formulas_are_over_stored_streams_alone() {
        let others = [
            settings("flow", None),
            settings("heat", Some("flow * 4.2")),
            settings("cost", Some("energy * 2")),
        ];
        let unfit = |variable: &str, formula: &str| {
            let formula = Formula::parse(formula).unwrap();
            unfit(&formula, &variable.parse().unwrap(), &others).unwrap_or_default()
        };
        assert_eq!(unfit("heat", "flow * 4.1"), "");
        assert_eq!(unfit("new", "flow + unknown"), "");
        assert!(unfit("new", "new + flow").contains("the stream itself"));
        assert!(unfit("new", "1 + heat").contains("heat is computed itself"));
        assert!(unfit("energy", "flow * 2").contains("cost is computed from this stream"));
    }
}
