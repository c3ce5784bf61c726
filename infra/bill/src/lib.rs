//! The bill: what a deployment costs a month, reckoned from `template.yaml`, from what was measured on the local cloud (`measured.yaml`), and from what is
//! asked of it (`scenarios.yaml`), at the prices of `prices.yaml`.
//!
//! A kind of resource that the template has and this crate does not know fails the reckoning: say in `template.rs` that it costs nothing, or give it a line in
//! `lines.rs`. Nothing here calls AWS.

mod estimate;
mod lines;
mod measured;
mod prices;
mod table;
mod template;

use anyhow::{Context, Result};
use lines::{Books, Line, Quantities};
use measured::{Measured, Scenario};
use prices::{Prices, Published};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use yaml_serde::Value;

pub use estimate::estimate;
pub use table::{listed, summary};

/// Hours of a month, as AWS reckons (8760 / 12).
const HOURS: f64 = 730.0;
/// Seconds of a month.
const SECONDS: f64 = HOURS * 3600.0;

/// The scenarios in the order in which they are shown.
pub const SCENARIOS: [&str; 4] = ["idle", "fifty", "thousand", "hundred-thousand"];

/// A text as it stands, whatever its tag; empty where it is none.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        Value::Tagged(tagged) => text(&tagged.value),
        _ => String::new(),
    }
}

/// A line with what it costs.
pub struct Charge {
    /// The line.
    pub line: Line,
    /// Dollars a month.
    pub dollars: f64,
    /// The same, without what AWS gives every account each month.
    pub with_allowances: f64,
    /// The service that it is billed under.
    pub service: String,
    /// The title of the page with its price.
    pub page: String,
    /// What is counted.
    pub unit: String,
}

/// A bill.
pub struct Bill {
    /// What the scenario is called.
    pub title: String,
    /// What it stands for.
    pub says: String,
    /// Its lines.
    pub charges: Vec<Charge>,
    /// Dollars a month, as if AWS gave nothing away.
    pub dollars: f64,
    /// Dollars a month, without what AWS gives every account each month.
    pub with_allowances: f64,
}

/// The bills of all scenarios, and what is counted apart.
pub struct Bills {
    /// One a scenario, in the order of [`SCENARIOS`].
    pub bills: Vec<Bill>,
    /// What a site may have beside them.
    pub apart: Bill,
    /// The month that the prices are of, and their region.
    pub prices_of: String,
    /// What data.all publishes for 50 users.
    pub data_all: Published,
}

/// Reckons the bills of the workspace at that place.
///
/// # Errors
/// When a file cannot be read, or holds what is not known.
pub fn bills(workspace: &Path) -> Result<Bills> {
    let read = |path: &str| fs::read_to_string(workspace.join(path)).with_context(|| path.to_owned());
    let template = read("template.yaml")?;
    let prices = Prices::read(&read("infra/bill/prices.yaml")?)?;
    let measured = Measured::read(&read("infra/bill/measured.yaml")?).context("infra/bill/measured.yaml")?;
    let scenarios: BTreeMap<String, Scenario> = yaml_serde::from_str(&read("infra/bill/scenarios.yaml")?)?;
    let inventory = template::read(&template, &[])?;
    let bill = |name: &&str| {
        let scenario = scenarios
            .get(*name)
            .with_context(|| format!("scenarios.yaml has no {name}"))?;
        let books = Books {
            inventory: &inventory,
            measured: &measured,
            scenario,
        };
        charged(&prices, &scenario.title, &scenario.says, lines::lines(&books))
    };
    let walled = template::read(&template, &[("Waf", "enabled")])?;
    Ok(Bills {
        bills: SCENARIOS.iter().map(bill).collect::<Result<_>>()?,
        apart: charged(
            &prices,
            "apart",
            "what a site may have beside it, by its parameters",
            lines::apart(&walled),
        )?,
        prices_of: format!("{}, {}", prices.as_of, prices.region),
        data_all: prices.data_all,
    })
}

/// Each line's share of what all of its price costs: tiers and allowances are used up in the order of the lines.
fn charged(prices: &Prices, title: &str, says: &str, lines: Vec<Line>) -> Result<Bill> {
    let mut before = Quantities::new();
    let mut bill = Bill {
        title: title.to_owned(),
        says: says.to_owned(),
        charges: Vec::new(),
        dollars: 0.0,
        with_allowances: 0.0,
    };
    for line in lines {
        let price = prices.of(line.price)?;
        let so_far = before.entry(line.price).or_default();
        let share = |allowances| price.cost(*so_far + line.quantity, allowances) - price.cost(*so_far, allowances);
        let (dollars, with_allowances) = (share(false), share(true));
        *so_far += line.quantity;
        bill.dollars += dollars;
        bill.with_allowances += with_allowances;
        bill.charges.push(Charge {
            line,
            dollars,
            with_allowances,
            service: price.service.clone(),
            page: price.page.clone(),
            unit: price.unit.clone(),
        });
    }
    Ok(bill)
}

#[cfg(test)]
mod tests;
