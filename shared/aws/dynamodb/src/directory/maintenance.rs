//! The deployment's maintenance: copies of one row, written together, of which the authorizer reads one.

use super::Directory;
use crate::cell::Item;
use crate::keys;
use crate::table::from_item;
use crate::transaction::{Change, Guard, Refused};
use domain::ServiceError;
use domain::maintenance::{Maintenance, Message, Mode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The deployment's maintenance, as somebody of the staff set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetMaintenance {
    /// How far it is closed.
    pub mode: Mode,
    /// What those who are kept out are told.
    #[serde(default)]
    pub message: Option<Message>,
    /// Who set it.
    pub set_by: String,
    /// When.
    pub set_at: Timestamp,
    /// Counts the times it was set.
    pub version: u64,
}

impl From<SetMaintenance> for Maintenance {
    fn from(set: SetMaintenance) -> Self {
        Self {
            mode: set.mode,
            message: set.message,
        }
    }
}

/// What the authorizer needs of a copy.
pub(crate) fn read(item: Item) -> Result<Maintenance, ServiceError> {
    from_item::<SetMaintenance>(item).map(Into::into)
}

impl Directory {
    /// The deployment's maintenance; none where nobody has ever set it.
    pub async fn maintenance(&self) -> Result<Option<SetMaintenance>, ServiceError> {
        self.table.get(&keys::maintenance(0)).await
    }

    /// Sets it, every copy in one transaction, unless it was set since version `seen` (0: never).
    pub async fn set_maintenance(&self, set: &SetMaintenance, seen: u64) -> Result<(), Refused> {
        let guard = match seen {
            0 => Guard::Absent,
            seen => Guard::Version(seen),
        };
        let mut change = Change::silent();
        for copy in 0..keys::MAINTENANCE_COPIES {
            change = change.put(&self.table, &keys::maintenance(copy), set, guard)?;
        }
        change.send(&self.table).await
    }
}
