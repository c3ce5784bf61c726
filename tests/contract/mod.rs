//! The contract: generated, deployed, honoured.

mod alarms;
mod combinations;
mod cors;
mod deployers;
mod files;
mod gateway;
mod idempotency;
mod rules;
mod template;

use serde_json::Value;

/// One operation of the contract, and what the contract says of it.
pub struct Operation {
    pub id: String,
    /// In capitals.
    pub method: String,
    pub path: String,
    pub described: Value,
}

impl Operation {
    /// What it is called in an assertion: its method and path.
    pub fn place(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// Every operation of the contract.
pub fn operations(contract: &Value) -> Vec<Operation> {
    let items = contract["paths"].as_object().unwrap().iter();
    let operations = items.flat_map(|(path, item)| {
        let item = item.as_object().unwrap().iter();
        item.map(move |(method, operation)| Operation {
            id: operation["operationId"].as_str().unwrap_or_default().to_owned(),
            method: method.to_uppercase(),
            path: path.clone(),
            described: operation.clone(),
        })
    });
    operations.collect()
}
