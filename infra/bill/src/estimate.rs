//! The bills by service, for those who compare them with what AWS has billed.

use crate::{Bill, Bills};
use serde_json::{Value, json};
use std::collections::BTreeMap;

impl Bill {
    /// Dollars a month by service, less what AWS gives every account, in cents.
    fn by_service(&self) -> BTreeMap<&str, f64> {
        let mut services = BTreeMap::new();
        for charge in &self.charges {
            *services.entry(charge.service.as_str()).or_default() += charge.with_allowances;
        }
        let cents = |dollars: f64| (dollars * 100.0).round() / 100.0;
        services
            .into_iter()
            .map(|(service, dollars)| (service, cents(dollars)))
            .collect()
    }
}

/// The bills of all scenarios by service, as JSON.
pub fn estimate(bills: &Bills) -> String {
    let scenario = |bill: &Bill| json!({ "title": bill.title, "says": bill.says, "services": bill.by_service() });
    let scenarios: Vec<Value> = bills.bills.iter().map(scenario).collect();
    format!(
        "{:#}\n",
        json!({ "prices_of": bills.prices_of, "scenarios": scenarios })
    )
}
