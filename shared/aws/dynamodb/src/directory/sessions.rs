//! Sessions of devices: the series that they must be of, and the keys that sign them.

use super::Directory;
use crate::keys;
use crate::table::{Table, from_item};
use crate::transaction::{Change, Guard, Refused};
use domain::session::{PublishedKey, PublishedKeys, SERIES_TOLD};
use domain::{DeviceId, ProjectId, SeriesId, ServiceError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt::Display;

/// How often a key is published again when others publish theirs at the same moment.
const TRIES: u32 = 5;

/// The series that sessions must be of.
#[derive(Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) series: SeriesId,
    /// Unix seconds; time to live deletes the row some time after.
    expires_at: i64,
}

/// What sessions of a device or a project belong to: something that sessions can be ended of.
pub trait HasSessions: Display + Copy {}

impl HasSessions for DeviceId {}
impl HasSessions for ProjectId {}

impl Directory {
    /// The series that sessions of a device, or of a project's devices, must be of; none where none was begun for some hours.
    pub async fn series(&self, of: impl HasSessions) -> Result<Option<SeriesId>, ServiceError> {
        let told: Option<Told> = self.table.get(&keys::series(&of.to_string())).await?;
        Ok(told.map(|told| told.series))
    }

    /// Adds to a change that every session of a device, or of a project's devices, is over from its commit on: another series has begun.
    pub fn with_sessions_ended(
        &self,
        change: Change,
        of: impl HasSessions,
        (series, now): (SeriesId, Timestamp),
    ) -> Result<Change, ServiceError> {
        let told = Told {
            series,
            expires_at: now.as_second().saturating_add(SERIES_TOLD.as_secs()),
        };
        change.put(&self.table, &keys::series(&of.to_string()), &told, Guard::None)
    }

    /// The keys that sign sessions.
    pub async fn session_keys(&self) -> Result<PublishedKeys, ServiceError> {
        // A batch of one: it is what the authorizer may do.
        let found = self.table.get_many(&[keys::session_keys()]).await?.pop();
        Ok(found.map(from_item).transpose()?.unwrap_or_default())
    }

    /// Publishes a key beside the others, or for longer.
    pub async fn publish_session_key(&self, key: &PublishedKey, now: Timestamp) -> Result<(), ServiceError> {
        for _ in 0..TRIES {
            let keys = self.session_keys().await?;
            match publish(&self.table, &keys, &keys.with(key.clone(), now)).await {
                Err(Refused::Write(_)) => {}
                other => return other.map_err(ServiceError::from),
            }
        }
        Err(ServiceError::Busy("the session keys are contended".to_owned()))
    }
}

async fn publish(table: &Table, old: &PublishedKeys, new: &PublishedKeys) -> Result<(), Refused> {
    let guard = match old.version {
        0 => Guard::Absent,
        version => Guard::Version(version),
    };
    let change = Change::silent().put(table, &keys::session_keys(), new, guard)?;
    change.send(table).await
}
