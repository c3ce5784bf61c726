//! Filters as they are set: for a variable of a project, or for a stream. One row each, and one of the organisation that says which variables have
//! any, so that what has none costs one read unit a batch of uploads.

use super::OrgTable;
use crate::keys::{self, Key};
use crate::table::{Range, Walk};
use crate::transaction::{Change, Guard, Refused};
use domain::filter::SetFilter;
use domain::reading::VariableName;
use domain::{DeviceId, ProjectId, ServiceError};
use serde_json::Value;
use std::collections::HashMap;

/// Most filters of an organisation. The row that names their variables is read with each batch: 64 KB of it at the very most.
pub const MAX_FILTERS: u64 = 1_000;

/// Whose a filter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterOf {
    /// A project's: of all its devices' streams of the variable that have none of their own.
    Project(ProjectId),
    /// A device's: of its one stream of the variable.
    Device(DeviceId),
}

/// What the name of the attribute begins with that counts a variable's filters.
const ATTRIBUTE: &str = "of ";

impl FilterOf {
    fn key(self, variable: &VariableName) -> Key {
        match self {
            Self::Project(project) => keys::project_filter(project, variable),
            Self::Device(device) => keys::stream_filter(device, variable),
        }
    }
}

impl OrgTable {
    /// A filter as it is set.
    pub async fn filter(&self, of: FilterOf, variable: &VariableName) -> Result<Option<SetFilter>, ServiceError> {
        self.table.get(&of.key(variable)).await
    }

    /// Sets a filter: the first, or over the version before. `Refused::Write(0)`: there is another version by now; of a first one `Write(1)`:
    /// there is no such project or device, `Write(2)`: there are [`MAX_FILTERS`].
    pub async fn set_filter(
        &self,
        change: Change,
        (of, variable): (FilterOf, &VariableName),
        set: &SetFilter,
    ) -> Result<(), Refused> {
        let key = of.key(variable);
        if set.version > 1 {
            let guard = Guard::Version(set.version - 1);
            return self.commit(change.put(&self.table, &key, set, guard)?).await;
        }
        let change = change.put(&self.table, &key, set, Guard::Absent)?;
        let change = match of {
            FilterOf::Project(project) => change.count_filter(&self.table, &keys::project(project), 1)?,
            FilterOf::Device(device) => change.check(&self.table, &keys::device(device), Guard::Present)?,
        };
        self.commit(self.counted(change, variable, 1)?).await
    }

    /// Deletes a filter of that version. `Refused::Write(0)`: it has another version by now.
    pub async fn delete_filter(
        &self,
        change: Change,
        (of, variable): (FilterOf, &VariableName),
        version: u64,
    ) -> Result<(), Refused> {
        let change = change.delete(&self.table, &of.key(variable), Guard::Version(version))?;
        let change = match of {
            FilterOf::Project(project) => change.count_filter(&self.table, &keys::project(project), -1)?,
            FilterOf::Device(_) => change,
        };
        self.commit(self.counted(change, variable, -1)?).await
    }

    /// Deletes the filters of a device that is deleted. Doing so twice counts none out twice.
    pub(super) async fn forget_filters(&self, device: DeviceId) -> Result<(), ServiceError> {
        let walk = Walk {
            ascending: true,
            after: None,
            limit: usize::MAX,
        };
        let partition = keys::device_partition(device);
        let range = Range::Prefix(keys::FILTER_PREFIX);
        for key in self.table.keys(&partition, range, walk).await? {
            let variable = key.sk.trim_start_matches(keys::FILTER_PREFIX);
            let variable = VariableName::parse(variable).map_err(|error| ServiceError::Failed(error.to_string()))?;
            let change = Change::silent().delete(&self.table, &key, Guard::Present)?;
            match self.counted(change, &variable, -1)?.send(&self.table).await {
                Ok(()) | Err(Refused::Write(_)) => {}
                Err(Refused::Service(error)) => return Err(error),
            }
        }
        Ok(())
    }

    fn counted(&self, change: Change, variable: &VariableName, by: i64) -> Result<Change, ServiceError> {
        // One that goes must not be refused for there being so many.
        let most = if by > 0 { MAX_FILTERS } else { u64::MAX };
        let name = format!("{ATTRIBUTE}{variable}");
        change.count_filtered(&self.table, &keys::filtered(), (&name, by), most)
    }

    /// The variables that have filters, of projects or of streams.
    pub(super) async fn filtered_variables(&self) -> Result<Vec<VariableName>, ServiceError> {
        let item = self.table.get::<HashMap<String, Value>>(&keys::filtered()).await?;
        let counts = item
            .into_iter()
            .flatten()
            .filter(|(_, count)| count.as_f64().is_some_and(|many| many > 0.0));
        let names = counts.filter_map(|(name, _)| VariableName::parse(name.strip_prefix(ATTRIBUTE)?).ok());
        Ok(names.collect())
    }
}
