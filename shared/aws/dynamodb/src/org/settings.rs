//! What is laid down about streams: a row each, apart from what ingest writes of them.

use super::OrgTable;
use super::blocks::Stream;
use crate::keys::{self, Key};
use crate::table::{Range, Walk, from_item};
use crate::transaction::{Change, Guard, Refused};
use domain::reading::VariableName;
use domain::stream::StreamSettings;
use domain::{DeviceId, ServiceError};
use serde::{Deserialize, Serialize};

/// Another with every change of any stream's settings in the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsStamp {
    stamp: String,
}

impl OrgTable {
    /// What is laid down about a stream; none where nothing is.
    pub async fn stream_settings(
        &self,
        device: DeviceId,
        variable: &VariableName,
    ) -> Result<Option<StreamSettings>, ServiceError> {
        self.table.get(&keys::settings(device, variable)).await
    }

    /// What is laid down about these streams of a device, of those of which something is.
    pub async fn settings_of(
        &self,
        device: DeviceId,
        variables: &[VariableName],
    ) -> Result<Vec<StreamSettings>, ServiceError> {
        let keys: Vec<Key> = variables
            .iter()
            .map(|variable| keys::settings(device, variable))
            .collect();
        let found = self.table.get_many(&keys).await?;
        found.into_iter().map(from_item).collect()
    }

    /// What is laid down about the streams of a device from one name to another, both included, in the order of the names.
    pub async fn settings_between(
        &self,
        device: DeviceId,
        (first, last): (&VariableName, &VariableName),
    ) -> Result<Vec<StreamSettings>, ServiceError> {
        let [first, last] = [first, last].map(|variable| keys::settings(device, variable).sk);
        let walk = Walk {
            ascending: true,
            after: None,
            limit: usize::MAX,
        };
        let pk = keys::device_partition(device);
        Ok(self.table.query(&pk, Range::Between(&first, &last), walk).await?.items)
    }

    /// What is laid down about all streams of a device, in the order of their names.
    pub async fn device_settings(&self, device: DeviceId) -> Result<Vec<StreamSettings>, ServiceError> {
        let walk = Walk {
            ascending: true,
            after: None,
            limit: usize::MAX,
        };
        let pk = keys::device_partition(device);
        let range = Range::Prefix(keys::SETTINGS_PREFIX);
        Ok(self.table.query(&pk, range, walk).await?.items)
    }

    /// The present stamp; none where nothing was ever laid down about any stream.
    pub async fn settings_stamp(&self) -> Result<Option<SettingsStamp>, ServiceError> {
        self.table.get(&keys::settings_stamp()).await
    }

    /// Lays down what is said of a stream over the version before. `Refused::Write(0)`: it has another version by now; `Refused::Write(2)`:
    /// there is no such device.
    pub async fn put_stream_settings(
        &self,
        change: Change,
        device: DeviceId,
        settings: &StreamSettings,
    ) -> Result<(), Refused> {
        self.commit(self.with_stream_settings(change, device, settings)?).await
    }

    /// The same of a stream that is computed from now on and has no row yet: it gets one, by which it is listed. `Refused::Write(3)`: its first
    /// readings were stored meanwhile.
    pub async fn put_computed_stream(
        &self,
        change: Change,
        device: DeviceId,
        settings: &StreamSettings,
    ) -> Result<(), Refused> {
        let stream = Stream::new(settings.variable.clone(), self.source.now(), 0);
        let key = keys::stream(device, &settings.variable);
        let change = self.with_stream_settings(change, device, settings)?;
        self.commit(change.put(&self.table, &key, &stream, Guard::Absent)?)
            .await
    }

    /// Adds the same to a change that somebody else commits, after its other writes.
    pub fn with_stream_settings(
        &self,
        change: Change,
        device: DeviceId,
        settings: &StreamSettings,
    ) -> Result<Change, ServiceError> {
        let guard = match settings.version {
            0 | 1 => Guard::Absent,
            version => Guard::Version(version - 1),
        };
        let stamp = SettingsStamp {
            stamp: self.source.ulid().to_string(),
        };
        change
            .put(
                &self.table,
                &keys::settings(device, &settings.variable),
                settings,
                guard,
            )?
            .put(&self.table, &keys::settings_stamp(), &stamp, Guard::None)?
            .check(&self.table, &keys::device(device), Guard::Present)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::to_item;
    use domain::stream::{DataType, Days, Scale};

    #[test]
    fn settings_come_back_to_the_bit() {
        let settings = StreamSettings {
            data_type: DataType::Integer,
            retention: Days::try_from(30).ok(),
            input_scale: Scale::new(-273.15, 1.0 / 3.0, 1e-100).ok(),
            unit: "°C".to_owned().try_into().ok(),
            formula: "[5c00] * 1.8 + 32".to_owned().try_into().ok(),
            version: 7,
            ..StreamSettings::of("temperature".parse().unwrap())
        };
        let item = to_item(&keys::settings_stamp(), &settings).unwrap();
        assert_eq!(from_item::<StreamSettings>(item).unwrap(), settings);
    }
}
