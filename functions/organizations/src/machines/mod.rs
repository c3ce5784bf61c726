//! Machines of an organisation: roles of AWS that may get sessions.

pub mod create;
pub mod list;
pub mod remove;

use domain::machine::{AccountId, Machine, RoleName};
use domain::text::Name;
use domain::{MachineId, Permission};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

/// A machine as members see it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct MachineView {
    id: MachineId,
    name: Name,
    account: AccountId,
    role_name: RoleName,
    scopes: Vec<Permission>,
    created_by: String,
    created_at: Timestamp,
}

impl From<Machine> for MachineView {
    fn from(machine: Machine) -> Self {
        Self {
            id: machine.id,
            name: machine.name,
            account: machine.account,
            role_name: machine.role,
            scopes: machine.scopes,
            created_by: machine.created_by,
            created_at: machine.created_at,
        }
    }
}

/// What the journal tells of a machine.
fn settings(machine: &Machine) -> Value {
    json!({
        "name": machine.name, "account": machine.account, "role_name": machine.role, "scopes": machine.scopes,
    })
}
