//! An organisation's name, maintenance, notes and settings. They are written apart from the steps of its life (`organizations.rs`): the two write different attributes
//! of its row, so that neither can lose what the other has written.

use super::Directory;
use crate::transaction::{Change, Guard, Refused};
use crate::{OrgTable, keys};
use domain::maintenance::Maintenance;
use domain::organization::{Organization, Profile};
use domain::text::Name;
use domain::{OrgId, ServiceError};
use serde::Serialize;

/// What such a change writes of an organisation's row, and nothing else does.
#[derive(Serialize)]
struct Named<'a> {
    name: &'a Name,
    maintenance: Option<&'a Maintenance>,
}

impl Directory {
    /// What an organisation notes of itself. Read it before the organisation: a change that comes between the two then shows in the version.
    pub async fn profile(&self, org: OrgId) -> Result<Profile, ServiceError> {
        Ok(self.table.get(&keys::profile(org)).await?.unwrap_or_default())
    }

    /// Stores an organisation's new name, maintenance and notes over the version before. `Refused::Write(0)`: they have another version by now.
    pub async fn update_profile(
        &self,
        table: &OrgTable,
        change: Change,
        org: &Organization,
        profile: &Profile,
    ) -> Result<(), Refused> {
        let named = Named {
            name: &org.name,
            maintenance: Some(&org.maintenance).filter(|maintenance| !maintenance.is_none()),
        };
        let guard = match profile.version - 1 {
            // Nothing is stored before the first change.
            1 => Guard::Absent,
            before => Guard::Version(before),
        };
        let change = change.put(&self.table, &keys::profile(org.id), profile, guard)?.set(
            &self.table,
            &keys::org(org.id),
            &named,
            Guard::Present,
        )?;
        table.commit(change).await
    }
}
