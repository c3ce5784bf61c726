//! Machines: a row under the machine, which the authorizer reads, one under the organisation, which lists, and one that claims the role; written
//! together.

use super::Directory;
use crate::table::{Range, Walk};
use crate::transaction::{Change, Guard, Refused};
use crate::{OrgTable, keys};
use domain::machine::{AssumedRole, Machine};
use domain::{MachineId, OrgId, Permission, ServiceError};
use serde::{Deserialize, Serialize};

/// A machine as the authorizer needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMachine {
    /// The organisation it opens.
    pub org: OrgId,
    /// What its sessions may do.
    pub scopes: Vec<Permission>,
}

#[derive(Serialize, Deserialize)]
struct Pointer {
    machine: MachineId,
}

impl Directory {
    /// Stores a new machine. `Refused::Write(0)`: its role is another machine of the organisation already.
    pub async fn create_machine(&self, table: &OrgTable, change: Change, machine: &Machine) -> Result<(), Refused> {
        let stored = StoredMachine {
            org: machine.org,
            scopes: machine.scopes.clone(),
        };
        let role = keys::machine_role(machine.org, &machine.account, &machine.role);
        let pointer = Pointer { machine: machine.id };
        let change = change
            .put(&self.table, &role, &pointer, Guard::Absent)?
            .put(
                &self.table,
                &keys::machine_credential(machine.id),
                &stored,
                Guard::Absent,
            )?
            .put(
                &self.table,
                &keys::machine(machine.org, machine.id),
                machine,
                Guard::Absent,
            )?;
        table.commit(change).await
    }

    /// One machine.
    pub async fn machine(&self, org: OrgId, id: MachineId) -> Result<Option<Machine>, ServiceError> {
        self.table.get(&keys::machine(org, id)).await
    }

    /// The machine that a role is in an organisation.
    pub async fn machine_of(&self, org: OrgId, role: &AssumedRole) -> Result<Option<Machine>, ServiceError> {
        let key = keys::machine_role(org, &role.account, &role.role);
        match self.table.get::<Pointer>(&key).await? {
            Some(pointer) => self.machine(org, pointer.machine).await,
            None => Ok(None),
        }
    }

    /// The machines of an organisation, a page of them after `after`.
    pub async fn machines(
        &self,
        org: OrgId,
        after: Option<MachineId>,
        limit: usize,
    ) -> Result<(Vec<Machine>, Option<MachineId>), ServiceError> {
        let after = after.map(|id| keys::machine(org, id).sk);
        let walk = Walk {
            ascending: true,
            after: after.as_deref(),
            limit,
        };
        let pk = keys::org(org).pk;
        self.table
            .page(&pk, Range::Prefix("MACHINE#"), walk, |machine: &Machine| machine.id)
            .await
    }

    /// Removes a machine: the next request of its sessions fails. `Refused::Write(0)`: it is removed already.
    pub async fn remove_machine(&self, table: &OrgTable, change: Change, machine: &Machine) -> Result<(), Refused> {
        let role = keys::machine_role(machine.org, &machine.account, &machine.role);
        let change = change
            .delete(&self.table, &keys::machine(machine.org, machine.id), Guard::Present)?
            .delete(&self.table, &keys::machine_credential(machine.id), Guard::None)?
            .delete(&self.table, &role, Guard::None)?;
        table.commit(change).await
    }
}
