//! The archive of raw reports: one object for an organisation's reports of one batch, since an object each would be the whole bill.

use super::{Read, Reading};
use crate::App;
use crate::failure::{Failure, guarded};
use domain::OrgId;
use std::collections::BTreeSet;

/// Archives the reports of a batch and notes in each where its bytes are.
pub async fn archive(app: &App, batch: &mut [Reading<'_>]) {
    let orgs: BTreeSet<OrgId> = batch.iter().map(|(job, _)| job.message.org).collect();
    for org in orgs {
        let ours = batch.iter_mut().filter(|(job, _)| job.message.org == org);
        let mut reports: Vec<_> = ours.filter(|(_, read)| matches!(read, Ok(Some(_)))).collect();
        let reads = reports.iter().filter_map(|(_, read)| read.as_ref().ok()?.as_ref());
        let (bytes, ranges) = concatenate(reads);
        if bytes.is_empty() {
            continue;
        }
        let day = app.source.now().strftime("%Y/%m/%d");
        let key = format!("archive/{org}/{day}/{}", app.source.ulid());
        let put = guarded(async { Ok(app.storage.put(&key, bytes, "application/octet-stream").await?) }).await;
        for ((_, read), range) in reports.iter_mut().zip(ranges) {
            note(read, &put, format!("{key}#{range}"));
        }
    }
}

fn note(read: &mut Result<Option<Read>, Failure>, put: &Result<(), Failure>, place: String) {
    match (put, read.as_mut()) {
        (Ok(()), Ok(Some(read))) => read.archive = Some(place),
        (Err(failure), _) => *read = Err(failure.clone()),
        _ => {}
    }
}

/// The bytes of reports one after the other, and of each its first and last byte.
fn concatenate<'a>(reads: impl Iterator<Item = &'a Read>) -> (Vec<u8>, Vec<String>) {
    let (mut bytes, mut ranges) = (Vec::new(), Vec::new());
    for read in reads {
        let first = bytes.len();
        bytes.extend_from_slice(&read.bytes);
        ranges.push(format!("{first}-{}", bytes.len().saturating_sub(1)));
    }
    (bytes, ranges)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::reading::ReadingTime;
    use domain::reports;
    use domain::task::ReportFormat;

    #[test]
    fn a_report_is_found_again_in_its_archive() {
        let read = |file: &str| {
            let bytes = std::fs::read(format!(
                "{}/../../tests/data/reports/{file}",
                env!("CARGO_MANIFEST_DIR")
            ))
            .unwrap();
            Read {
                report: reports::parse(ReportFormat::Binary, &bytes).unwrap(),
                received_at: ReadingTime::from_nanos(0).unwrap(),
                bytes,
                archive: None,
            }
        };
        let reads = [read("empty_0.bin"), read("valid_small_16.bin")];
        let (bytes, ranges) = concatenate(reads.iter());
        assert_eq!(ranges, ["0-43", "44-343"]);
        assert_eq!(bytes[44..=343], reads[1].bytes);
    }
}
