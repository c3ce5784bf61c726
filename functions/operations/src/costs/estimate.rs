//! What a deployment was reckoned to cost (`infra/bill`), as it was when this was built.

use http_api::Problem;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What `cargo run -p bill -- estimate` prints; a test of that crate compares them.
const ESTIMATE: &str = include_str!("estimate.json");

/// The bills of all scenarios.
#[derive(Deserialize)]
pub struct Estimate {
    /// The month and the region that its prices are of.
    pub prices_of: String,
    /// Idle first.
    pub scenarios: Vec<Scenario>,
}

/// The bill of a scenario.
#[derive(Deserialize)]
pub struct Scenario {
    /// What it is called.
    pub title: String,
    /// What it stands for.
    pub says: String,
    /// Dollars a month by service, less what AWS gives every account.
    pub services: BTreeMap<String, f64>,
}

impl Estimate {
    /// The estimate that this was built with.
    pub fn read() -> Result<Self, Problem> {
        serde_json::from_str(ESTIMATE).map_err(|error| Problem::internal(format!("estimate.json: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_can_be_read_and_tells_of_what_runs() {
        let estimate = Estimate::read().ok().unwrap();
        assert_eq!(estimate.scenarios.len(), 4);
        for scenario in &estimate.scenarios {
            assert!(scenario.services["AWS Lambda"] >= 0.0, "{}", scenario.title);
            assert!(scenario.services.values().all(|dollars| dollars.is_finite()));
        }
    }
}
