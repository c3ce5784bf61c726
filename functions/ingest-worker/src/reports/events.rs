//! Events of a report: the bodies that are too large for a row to the bucket, then the rows.

use crate::failure::Failure;
use crate::{App, Job};
use aws_dynamodb::{EventBody, EventRow};
use domain::event::body_key;
use domain::reading::{ReadingTime, VariableName};
use domain::reports::{Event, JsonText};
use domain::{DeviceId, EventId, OrgId};
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeMap;

/// How many bodies are laid down at once.
const AT_ONCE: usize = 8;

/// An event's row, and the object that it names.
type Written = (EventRow, Option<(String, Vec<u8>)>);

/// Writes events; how many. Keys and bytes follow from the report alone: writing them again changes nothing.
pub async fn store(app: &App, job: &Job<'_>, events: &[(Event, ReadingTime)]) -> Result<u64, Failure> {
    let home = (job.message.org, job.message.device);
    let written: Vec<Written> = identified(events)
        .into_iter()
        .map(|(id, event)| write(home, id, event))
        .collect::<Result<_, _>>()?;
    let (rows, objects): (Vec<_>, Vec<_>) = written.into_iter().unzip();
    let puts = stream::iter(objects.into_iter().flatten()).map(Ok);
    let put = async |(key, packed): (String, Vec<u8>)| app.storage.put_gzip(&key, packed, "application/json").await;
    puts.try_for_each_concurrent(AT_ONCE, put).await?;
    let count = rows.len() as u64;
    job.table.put_events(job.message.device, rows).await?;
    Ok(count)
}

/// Each event with its id: once, however often it is in the report, unless it has no id of its own, and so may have happened as often.
fn identified(events: &[(Event, ReadingTime)]) -> BTreeMap<EventId, &Event> {
    let (mut found, mut said) = (BTreeMap::new(), BTreeMap::new());
    for (event, time) in events {
        let same_before = said.entry(EventId::of(*time, event, 0)).or_insert(0);
        found.insert(EventId::of(*time, event, *same_before), event);
        *same_before += 1;
    }
    found
}

fn write((org, device): (OrgId, DeviceId), id: EventId, event: &Event) -> Result<Written, Failure> {
    let key = || body_key(org, device, id);
    let body = event.data.as_ref().map(|data| EventBody::new(data.as_str(), key));
    let (data, object) = body.transpose()?.unzip();
    let row = EventRow {
        id,
        variable: VariableName::from_stream(event.stream),
        local_id: Some(event.id).filter(|id| *id != 0),
        extra_data: event.extra_data.as_ref().map(|text| JsonText::as_str(text).to_owned()),
        data,
    };
    Ok((row, object.flatten().map(|packed| (key(), packed))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::reports::Stamp;

    fn event(id: u32, data: &str) -> (Event, ReadingTime) {
        let time = "2026-01-02T03:04:05Z".parse().unwrap();
        let data = Some(serde_json::from_str(data).unwrap());
        let (stamp, extra_data) = (Stamp::Utc(time), None);
        (
            Event {
                stream: 0x5001,
                id,
                stamp,
                extra_data,
                data,
            },
            time,
        )
    }

    #[test]
    fn what_a_report_says_twice_happened_twice_unless_its_id_says_otherwise() {
        let report = [
            event(0, "1"),
            event(0, "1"),
            event(0, "2"),
            event(3, "1"),
            event(3, "1"),
        ];
        let ids: Vec<_> = identified(&report).into_keys().collect();
        assert_eq!(ids.len(), 4);
        let again = [event(0, "2"), event(0, "1"), event(3, "1"), event(0, "1")];
        assert_eq!(
            identified(&again).into_keys().collect::<Vec<_>>(),
            ids,
            "in whatever order"
        );
    }

    #[test]
    fn a_waveform_goes_to_the_bucket_and_a_number_stays() {
        let home = (
            "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap(),
            "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap(),
        );
        let wave: Vec<u32> = (0..3_000_u32).map(|n| n.wrapping_mul(2_654_435_761)).collect();
        for (data, objects) in [("1".to_owned(), 0), (serde_json::to_string(&wave).unwrap(), 1)] {
            let (event, time) = event(1, &data);
            let (row, object) = write(home, EventId::of(time, &event, 0), &event).unwrap();
            assert_eq!(row.data.map(|body| body.bytes), Some(data.len() as u64));
            assert_eq!(object.iter().len(), objects);
        }
    }
}
