//! What a report must be to be taken.

use domain::event::{MAX_DATA_BYTES, MAX_SUMMARY_BYTES};
use domain::fleet::Device;
use domain::reading::ReadingTime;
use domain::reports::{self, Event, JsonText, Report, event_times, fix_times};
use domain::task::ReportFormat;
use http_api::{Kind, Problem};
use uploads::few_blocks;

/// Most events in one report: each is an item of its own to the worker.
const MAX_EVENTS: usize = 1_000;

/// A report refused: the answer, and its reason for whoever looks into the kept copy.
pub struct Refusal {
    pub problem: Problem,
    pub reason: String,
}

/// The format that a media type names.
pub fn format(media_type: &str) -> Result<ReportFormat, Problem> {
    match media_type {
        "application/octet-stream" => Ok(ReportFormat::Binary),
        "application/json" => Ok(ReportFormat::Json),
        "application/msgpack" | "application/x-msgpack" => Ok(ReportFormat::Messagepack),
        _ => Err(Problem::new(
            Kind::MediaType,
            "A report is `application/octet-stream` (the binary format), `application/json` or `application/msgpack`: say which as `content-type`.",
        )),
    }
}

/// Reads a report and refuses what the worker could not store.
pub fn check(format: ReportFormat, bytes: &[u8], device: &Device, received_at: ReadingTime) -> Result<Report, Refusal> {
    let report = reports::parse(format, bytes).map_err(invalid)?;
    if report.device != device.hardware_id {
        return Err(stranger(&report, device));
    }
    let fixed = fix_times(&report, received_at, None).map_err(invalid)?;
    event_times(&report, received_at, None).map_err(invalid)?;
    let readings = fixed.readings.iter().map(|timed| (timed.stream, &timed.reading));
    few_blocks(readings).map_err(invalid)?;
    if report.events.len() > MAX_EVENTS {
        let count = report.events.len();
        return Err(invalid(format!(
            "it has {count} events; send at most 1,000, in several reports if need be"
        )));
    }
    report.events.iter().try_for_each(check_event)?;
    Ok(report)
}

fn check_event(event: &Event) -> Result<(), Refusal> {
    let length = |text: &Option<JsonText>| text.as_ref().map_or(0, |text| text.as_str().len());
    let refused = |why: &str| Err(invalid(format!("event {} has {why}", event.id)));
    match (length(&event.extra_data), length(&event.data)) {
        (summary, _) if summary > MAX_SUMMARY_BYTES => {
            refused("more than 4 KiB of `extra_data` as JSON: put the rest into its `data`")
        }
        (_, data) if data > MAX_DATA_BYTES => {
            refused("more than 4 MiB of `data` as JSON: send less of it, or as several events")
        }
        _ => Ok(()),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
fn invalid(reason: impl ToString) -> Refusal {
    let reason = reason.to_string();
    let problem = Problem::new(Kind::Invalid, format!("The report was refused: {reason}."));
    Refusal { problem, reason }
}

fn stranger(report: &Report, device: &Device) -> Refusal {
    let reason = format!(
        "it is of the device with hardware id {}, and {} has hardware id {}",
        report.device, device.id, device.hardware_id
    );
    let detail =
        format!("The report was refused: {reason}. Upload it to the device it is of, or register that device first.");
    let problem = Problem::new(Kind::NotFound, detail);
    Refusal { problem, reason }
}
