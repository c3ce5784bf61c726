//! Events of devices: what a report tells beside readings.
//!
//! A body is JSON of a byte or of a waveform of a million points. It is packed (gzip); what is then small lies in the event's row, the rest in
//! the storage bucket, under a key that the row names.

use super::OrgTable;
use crate::cell::{self, Item};
use crate::keys;
use crate::table::{Range, Slice, Walk, to_item, unreadable};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::event::MAX_DATA_BYTES;
use domain::reading::VariableName;
use domain::{DeviceId, EventId, ServiceError};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};

/// Longest packed body that lies in a row. A PUT to S3 costs as much as 8 write units, so 8 KB (0.000005 dollars); a GB in a row costs 0.25
/// dollars a month, in S3 0.023: of bodies kept for three months those of 4 KB cost the same here and there.
const MOST_IN_ROW: usize = 4 * 1024;
/// Longest body that lies in a row, in bytes as it is: it is part of an answer, of which Lambda takes no more than 6 MB.
const MOST_IN_ANSWER: usize = 256 * 1024;
/// Events that are looked through together for those of one variable, and how often at most for one page.
const LOOKED_THROUGH: usize = 500;
const LOOKS: usize = 4;

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRow {
    /// Which it is, and when it happened.
    pub id: EventId,
    /// What it is of.
    pub variable: VariableName,
    /// The id that the device gave it.
    pub local_id: Option<u32>,
    /// Its summary, as JSON.
    pub extra_data: Option<String>,
    /// Its body.
    pub data: Option<EventBody>,
}

/// An event's body.
#[derive(Debug, Clone, PartialEq)]
pub struct EventBody {
    /// How long it is as JSON, in bytes.
    pub bytes: u64,
    /// Where it is.
    pub packed: PackedData,
}

/// A packed body, or where it is.
#[derive(Debug, Clone, PartialEq)]
pub enum PackedData {
    /// The body.
    Here(Vec<u8>),
    /// The key of its object in the storage bucket.
    Object(String),
}

/// What a row says in words and numbers.
#[derive(Serialize, Deserialize)]
struct Cells {
    variable: VariableName,
    #[serde(default)]
    local_id: Option<u32>,
    #[serde(default)]
    extra_data: Option<String>,
    #[serde(default)]
    bytes: Option<u64>,
    #[serde(default)]
    object: Option<String>,
}

impl PackedData {
    /// Packs a body: the same bytes each time.
    pub fn pack(json: &str) -> Result<Vec<u8>, ServiceError> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        let packed = packed.write_all(json.as_bytes()).and_then(|()| packed.finish());
        packed.map_err(unreadable)
    }

    /// A packed body as JSON.
    pub fn unpack(packed: &[u8]) -> Result<String, ServiceError> {
        let most = u64::try_from(MAX_DATA_BYTES).unwrap_or(u64::MAX);
        let mut json = String::new();
        let read = GzDecoder::new(packed).take(most).read_to_string(&mut json);
        read.map(|_| json).map_err(unreadable)
    }
}

impl EventBody {
    /// A body; and its packed bytes where they are to lie under `key` in the storage bucket, before the row is written.
    pub fn new(json: &str, key: impl FnOnce() -> String) -> Result<(Self, Option<Vec<u8>>), ServiceError> {
        let packed = PackedData::pack(json)?;
        let here = packed.len() <= MOST_IN_ROW && json.len() <= MOST_IN_ANSWER;
        let (packed, object) = match here {
            true => (PackedData::Here(packed), None),
            false => (PackedData::Object(key()), Some(packed)),
        };
        let bytes = u64::try_from(json.len()).unwrap_or(u64::MAX);
        Ok((Self { bytes, packed }, object))
    }
}

impl EventRow {
    fn into_item(self, device: DeviceId) -> Result<Item, ServiceError> {
        let (bytes, packed) = self.data.map(|body| (body.bytes, body.packed)).unzip();
        let (here, object) = match packed {
            Some(PackedData::Here(here)) => (Some(here), None),
            Some(PackedData::Object(key)) => (None, Some(key)),
            None => (None, None),
        };
        let cells = Cells {
            variable: self.variable,
            local_id: self.local_id,
            extra_data: self.extra_data,
            bytes,
            object,
        };
        let mut item = to_item(&keys::event(device, self.id), &cells)?;
        item.extend(here.map(|here| ("data".to_owned(), AttributeValue::B(Blob::new(here)))));
        Ok(item)
    }

    fn of_item(item: Item) -> Result<Self, ServiceError> {
        let id = cell::text(&item, "sk").and_then(|id| id.parse().ok());
        let id = id.ok_or_else(|| unreadable("an event's key"))?;
        let here = cell::bytes(&item, "data").map(|here| PackedData::Here(here.to_vec()));
        let cells: Cells = crate::table::from_item(item)?;
        let packed = here.or(cells.object.map(PackedData::Object));
        Ok(Self {
            id,
            variable: cells.variable,
            local_id: cells.local_id,
            extra_data: cells.extra_data,
            data: packed
                .zip(cells.bytes)
                .map(|(packed, bytes)| EventBody { bytes, packed }),
        })
    }
}

impl OrgTable {
    /// Writes events. Their keys are their ids: writing them again changes nothing.
    pub async fn put_events(&self, device: DeviceId, events: Vec<EventRow>) -> Result<(), ServiceError> {
        let items = events.into_iter().map(|event| event.into_item(device));
        self.table.put_many(items.collect::<Result<_, _>>()?).await
    }

    /// An event.
    pub async fn event(&self, device: DeviceId, id: EventId) -> Result<Option<EventRow>, ServiceError> {
        let item: Option<Item> = self.table.get_item(&keys::event(device, id)).await?;
        item.map(EventRow::of_item).transpose()
    }

    /// The events of a device whose ids are between two, both included, in the order of time or against it, after one, at most `limit`; of one
    /// variable if it is named. Where few of many are of it, a page can be short and yet not the last.
    pub async fn events(
        &self,
        device: DeviceId,
        (from, to): (EventId, EventId),
        (ascending, after): (bool, Option<EventId>),
        (variable, limit): (Option<&VariableName>, usize),
    ) -> Result<(Vec<EventRow>, Option<EventId>), ServiceError> {
        let (pk, from, to) = (keys::events(device), from.to_string(), to.to_string());
        let (size, looks) = variable.map_or((limit, 1), |_| (LOOKED_THROUGH, LOOKS));
        let (mut found, mut after) = (Vec::new(), after.map(|id| id.to_string()));
        for _ in 0..looks {
            let walk = Walk {
                ascending,
                after: after.as_deref(),
                limit: size,
            };
            let Slice { items, next } = self.table.query_items(&pk, Range::Between(&from, &to), walk).await?;
            let events = items.into_iter().map(EventRow::of_item);
            let events = events.collect::<Result<Vec<_>, _>>()?.into_iter();
            found.extend(events.filter(|event| variable.is_none_or(|of| event.variable == *of)));
            after = next;
            if after.is_none() || found.len() >= limit {
                break;
            }
        }
        if found.len() > limit {
            found.truncate(limit);
            after = found.last().map(|event| event.id.to_string());
        }
        Ok((found, after.and_then(|id| id.parse().ok())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device() -> DeviceId {
        "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap()
    }

    #[test]
    fn an_event_reads_as_it_is_written() {
        let (here, none) = EventBody::new("[1,2]", || panic!("it is small")).unwrap();
        assert_eq!(none, None);
        let noise: Vec<u32> = (0..3_000_u32).map(|n| n.wrapping_mul(2_654_435_761)).collect();
        let noise = serde_json::to_string(&noise).unwrap();
        let (far, object) = EventBody::new(&noise, || "events/x".to_owned()).unwrap();
        assert_eq!(far.packed, PackedData::Object("events/x".to_owned()));
        assert_eq!(PackedData::unpack(&object.unwrap()).unwrap(), noise);
        for (data, extra_data) in [(None, None), (Some(here), Some("{}".to_owned())), (Some(far), None)] {
            let row = EventRow {
                id: EventId::first_at(7),
                variable: VariableName::from_stream(0x5001),
                local_id: extra_data.is_some().then_some(9),
                extra_data,
                data,
            };
            let item = row.clone().into_item(device()).unwrap();
            assert_eq!(EventRow::of_item(item).unwrap(), row);
        }
    }

    #[test]
    fn what_packs_well_but_is_too_long_for_an_answer_is_an_object() {
        let zeros = format!("[{}0]", "0,".repeat(200_000));
        let (body, object) = EventBody::new(&zeros, || "events/x".to_owned()).unwrap();
        assert!(object.is_some_and(|packed| packed.len() < MOST_IN_ROW) && body.bytes > 400_000);
    }
}
