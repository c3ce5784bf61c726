//! Filters as they are run: which one a stream has, where the stream is in it, and the transitions that it made.
//!
//! Cost, in read units: one a batch of uploads and organisation for [`OrgTable::filtered`]; beyond that, of streams whose variable has a filter somewhere in the
//! organisation, three each (device, own filter, progress) and one for each project and variable, more where a filter is longer than 4 KB.

use super::OrgTable;
use crate::cell::{self, Item};
use crate::keys::{self, Key};
use crate::table::{Range, Slice, Walk, from_item, to_item};
use crate::transaction::{Change, Guard, Refused};
use aws_errors::failed;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::filter::{Fired, KEPT, Progress, SetFilter};
use domain::fleet::Device;
use domain::reading::VariableName;
use domain::{DeviceId, ProjectId, ServiceError};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// The variables of an organisation that have filters.
#[derive(Debug, Clone, Default)]
pub struct Filtered(BTreeSet<VariableName>);

/// The filter that a stream goes through.
#[derive(Debug, Clone)]
pub struct FilterInForce {
    /// The project whose it is; none where it is the stream's own.
    pub project: Option<ProjectId>,
    /// The filter.
    pub set: SetFilter,
    /// Where the stream was when it was last looked at; none before.
    pub progress: Option<Progress>,
}

/// A transition that a stream made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FilterTransition {
    /// The transition.
    pub fired: Fired,
    /// When the row goes (Unix seconds; DynamoDB time to live).
    expires_at: i64,
}

impl Filtered {
    /// Whether streams of that variable may have a filter.
    pub fn has(&self, variable: &VariableName) -> bool {
        self.0.contains(variable)
    }
}

/// Items by their keys.
struct Found(HashMap<(String, String), Item>);

impl Found {
    fn take<T: serde::de::DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, ServiceError> {
        let found = self.0.get(&(key.pk.clone(), key.sk.clone()));
        found.cloned().map(from_item).transpose()
    }
}

impl OrgTable {
    /// The variables that have filters. One read unit where there are none.
    pub async fn filtered(&self) -> Result<Filtered, ServiceError> {
        Ok(Filtered(self.filtered_variables().await?.into_iter().collect()))
    }

    /// The filter that each of these streams goes through, in their order; none for a stream that has none, or whose device is gone.
    pub async fn filters_in_force(
        &self,
        streams: &[(DeviceId, VariableName)],
    ) -> Result<Vec<Option<FilterInForce>>, ServiceError> {
        let own = streams.iter().flat_map(|(device, variable)| {
            [
                keys::device(*device),
                keys::stream_filter(*device, variable),
                keys::filter_progress(*device, variable),
            ]
        });
        let own = self.by_key(own).await?;
        let mut devices = Vec::new();
        for (device, _) in streams {
            devices.push(own.take::<Device>(&keys::device(*device))?);
        }
        let theirs = devices.iter().zip(streams);
        let theirs =
            theirs.filter_map(|(device, (_, variable))| Some(keys::project_filter(device.as_ref()?.project, variable)));
        let theirs = self.by_key(theirs).await?;
        let mut all = Vec::new();
        for (device, (id, variable)) in devices.iter().zip(streams) {
            let Some(Device { project, .. }) = device else {
                all.push(None);
                continue;
            };
            let of_stream = own.take::<SetFilter>(&keys::stream_filter(*id, variable))?;
            let of_project = theirs.take::<SetFilter>(&keys::project_filter(*project, variable))?;
            let set = of_stream.map(|set| (None, set));
            let set = set.or_else(|| of_project.map(|set| (Some(*project), set)));
            let progress = own.take(&keys::filter_progress(*id, variable))?;
            all.push(set.map(|(project, set)| FilterInForce { project, set, progress }));
        }
        Ok(all)
    }

    async fn by_key(&self, wanted: impl Iterator<Item = Key>) -> Result<Found, ServiceError> {
        // BatchGetItem refuses a key that comes twice.
        let wanted: BTreeSet<_> = wanted.map(|key| (key.pk, key.sk)).collect();
        let wanted: Vec<_> = wanted.into_iter().map(|(pk, sk)| Key { pk, sk }).collect();
        let items = self.table.get_many(&wanted).await?.into_iter();
        let keyed = items.filter_map(|item| {
            let key = (cell::text(&item, "pk")?.to_owned(), cell::text(&item, "sk")?.to_owned());
            Some((key, item))
        });
        Ok(Found(keyed.collect()))
    }

    /// Adds to a change where a stream is now, over where it was, and the transitions that led there.
    pub fn with_progress(
        &self,
        change: Change,
        (device, variable): (DeviceId, &VariableName),
        progress: &Progress,
        logged: &[Fired],
    ) -> Result<Change, ServiceError> {
        let key = keys::filter_progress(device, variable);
        let mut change = change.put(&self.table, &key, progress, over(progress))?;
        for fired in logged {
            let row = FilterTransition {
                fired: fired.clone(),
                expires_at: (fired.at + KEPT).as_second(),
            };
            let key = keys::filter_transition(device, variable, fired.number);
            change = change.put(&self.table, &key, &row, Guard::None)?;
        }
        Ok(change)
    }

    /// Saves where a stream is now, over where it was: half the price of a transaction. `Refused::Write(0)`: somebody else was first.
    pub async fn save_progress(
        &self,
        (device, variable): (DeviceId, &VariableName),
        progress: &Progress,
    ) -> Result<(), Refused> {
        let item = to_item(&keys::filter_progress(device, variable), progress)?;
        let put = self
            .table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(item));
        let put = match over(progress) {
            Guard::Version(before) => put
                .condition_expression("version = :before")
                .expression_attribute_values(":before", AttributeValue::N(before.to_string())),
            _ => put.condition_expression("attribute_not_exists(pk)"),
        };
        match put.send().await.map_err(failed) {
            Ok(_) => Ok(()),
            Err(ServiceError::Conflict) => Err(Refused::Write(0)),
            Err(error) => Err(error.into()),
        }
    }

    /// The transitions of a stream that are still kept, newest first, a page of them before that number, with the number that the next begins before.
    pub async fn filter_transitions(
        &self,
        (device, variable): (DeviceId, &VariableName),
        before: Option<u64>,
        limit: usize,
    ) -> Result<(Vec<Fired>, Option<u64>), ServiceError> {
        let before = before.map(|number| keys::filter_transition(device, variable, number).sk);
        let walk = Walk {
            ascending: false,
            after: before.as_deref(),
            limit,
        };
        let pk = keys::filter_transitions(device, variable);
        let Slice { items, next } = self.table.query::<FilterTransition>(&pk, Range::All, walk).await?;
        let now = self.source.now().as_second();
        let next = next.and_then(|_| items.last().map(|row| row.fired.number));
        let kept: Vec<_> = items
            .into_iter()
            .filter(|row| row.expires_at > now)
            .map(|row| row.fired)
            .collect();
        // What comes after one that is over is over as well.
        let next = next.filter(|_| !kept.is_empty());
        Ok((kept, next))
    }
}

/// What must hold of the row that a stream's progress is written over.
fn over(progress: &Progress) -> Guard {
    match progress.version {
        0 | 1 => Guard::Absent,
        version => Guard::Version(version - 1),
    }
}
