//! What AWS charges (`prices.yaml`).

use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::BTreeMap;

/// All prices.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Prices {
    /// The month that they are of.
    #[serde(rename = "as_of")]
    pub as_of: String,
    /// The region that they are of.
    pub region: String,
    prices: BTreeMap<String, Price>,
    /// What data.all publishes for 50 users.
    #[serde(rename = "data-all-50-users")]
    pub data_all: Published,
}

/// Another system's bill, as it is published.
#[derive(Debug, Deserialize)]
pub struct Published {
    /// Dollars a month.
    pub dollars: f64,
    /// Where.
    pub page: String,
}

/// One price.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// The service that it is billed under, as Cost Explorer calls it.
    pub service: String,
    /// The title of AWS's page.
    pub page: String,
    /// What is counted.
    pub unit: String,
    dollars: Option<f64>,
    #[serde(default)]
    tiers: Vec<Tier>,
    #[serde(default = "one")]
    per: f64,
    #[serde(default)]
    free: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tier {
    #[serde(default)]
    beyond: f64,
    dollars: f64,
}

fn one() -> f64 {
    1.0
}

impl Prices {
    /// Reads the file's text.
    ///
    /// # Errors
    /// When a price is none.
    pub fn read(text: &str) -> Result<Self> {
        let prices: Self = yaml_serde::from_str(text)?;
        for (name, price) in &prices.prices {
            let whole = price.dollars.is_some() == price.tiers.is_empty();
            whole
                .then_some(())
                .with_context(|| format!("{name}: either dollars or tiers"))?;
        }
        Ok(prices)
    }

    /// The price of that name.
    ///
    /// # Errors
    /// When there is none.
    pub fn of(&self, name: &str) -> Result<&Price> {
        self.prices
            .get(name)
            .with_context(|| format!("prices.yaml has no {name}"))
    }

    /// The names of all prices.
    #[cfg(test)]
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.prices.keys().map(String::as_str)
    }
}

impl Price {
    /// What so many a month cost; with what AWS gives away left out, where that counts.
    pub fn cost(&self, quantity: f64, allowance: bool) -> f64 {
        let quantity = if allowance {
            (quantity - self.free).max(0.0)
        } else {
            quantity
        };
        if let Some(dollars) = self.dollars {
            return quantity * dollars / self.per;
        }
        let ends = self.tiers.iter().skip(1).map(|tier| tier.beyond).chain([f64::INFINITY]);
        let parts = self.tiers.iter().zip(ends).map(|(tier, end)| {
            let within = quantity.min(end) - tier.beyond;
            within.max(0.0) * tier.dollars
        });
        parts.sum::<f64>() / self.per
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_cost_what_lies_in_them_and_allowances_nothing() {
        let tiers =
            "{ service: s, page: p, unit: u, tiers: [{ dollars: 2 }, { beyond: 100, dollars: 1 }], per: 10, free: 50 }";
        let price: Price = yaml_serde::from_str(tiers).unwrap();
        assert_eq!(price.cost(100.0, false), 20.0);
        assert_eq!(price.cost(130.0, false), 23.0);
        assert_eq!(price.cost(130.0, true), 16.0);
        assert_eq!(price.cost(30.0, true), 0.0);
    }

    #[test]
    fn a_price_says_one_thing() {
        for wrong in [
            "{ service: s, page: p, unit: u }",
            "{ service: s, page: p, unit: u, dollars: 1, tiers: [{ dollars: 1 }] }",
        ] {
            let text =
                format!("as_of: x\nregion: r\nprices: {{ a: {wrong} }}\ndata-all-50-users: {{ dollars: 1, page: p }}");
            assert!(Prices::read(&text).is_err(), "{wrong}");
        }
    }
}
