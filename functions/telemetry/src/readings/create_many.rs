//! POST /v1/orgs/{org}/projects/{project}/readings: upload readings of several devices of a project at once.

use super::create::packed;
use super::device;
use crate::App;
use crate::hand_over::{UploadView, hand_over};
use aws_dynamodb::OrgTable;
use axum::extract::State;
use domain::{DeviceId, OrgId, Permission, ProjectId};
use futures::{StreamExt, stream};
use http_api::{Authenticated, Body, Path, Problem, ProblemBody, Refusals, Several};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uploads::{MAX_READINGS, NewReading, Sent, Written, read_json};

/// Most items of one request.
const MAX_ITEMS: usize = 100;
/// How many of them are looked up and handed over at once.
const AT_ONCE: usize = 16;
/// The status of an upload that was accepted.
const ACCEPTED: u16 = 202;

/// Readings of several devices.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUploads {
    /// 1 to 100 items with at most 10,000 readings in all. A device may have several.
    #[schema(min_items = 1, max_items = 100)]
    items: Vec<NewUpload>,
}

/// Readings of one device: what that device's own upload would hold.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewUpload {
    device: DeviceId,
    /// Readings of at most 256 different variables.
    #[schema(value_type = Vec<NewReading>, min_items = 1, max_items = 10000)]
    readings: Box<RawValue>,
}

/// What became of each item, in the order they were sent.
#[derive(Serialize, utoipa::ToSchema)]
pub struct UploadsView {
    items: Vec<ItemView>,
}

/// What became of one item.
#[derive(Serialize, utoipa::ToSchema)]
struct ItemView {
    device: DeviceId,
    /// 202 where its readings were accepted; otherwise the status of its problem.
    #[schema(example = 202)]
    status: u16,
    /// The upload, where it was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    upload: Option<UploadView>,
    /// Why it was not. Pointers begin at the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<ProblemBody>,
}

/// Upload readings of several devices of a project. Each item is accepted or refused by itself, as if its device had sent it alone: look at every
/// `status`. An item with a status of 500 or above can be sent again.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/projects/{project}/readings", operation_id = "uploadProjectReadings", tag = "telemetry",
    params(("org" = OrgId, Path), ("project" = ProjectId, Path)),
    request_body(
        description = "Compressed, if at all, with `content-encoding: gzip` or the ending `+gzip` or `+zstd` of the media type",
        content((NewUploads = "application/json"), ([u8] = "application/json+zstd"), ([u8] = "application/json+gzip")),
    ),
    responses((status = 207, body = UploadsView, description = "What became of each item"), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, project)): Path<(OrgId, ProjectId)>,
    written: Written,
) -> Result<Several<UploadsView>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::TelemetryWrite)?)?;
    let items = read(written.json()?)?;
    let taken = stream::iter(items).map(async |(device, sent)| {
        let ended = match sent {
            Ok(sent) => take(&app, &table, (project, device), sent).await,
            Err(problem) => Err(problem),
        };
        ItemView::new(device, ended)
    });
    let items = taken.buffered(AT_ONCE).collect().await;
    Ok(Several(UploadsView { items }))
}

/// An item's device, and its readings where they can be read.
type Item = (DeviceId, Result<Sent, Problem>);

fn read(NewUploads { items }: NewUploads) -> Result<Vec<Item>, Problem> {
    if items.is_empty() || items.len() > MAX_ITEMS {
        let detail = format!("must have 1 to 100 items, not {}", items.len());
        return Err(Problem::field("/items", detail));
    }
    let items: Vec<_> = items.into_iter().map(NewUpload::read).collect();
    let sent = items.iter().filter_map(|(_, sent)| sent.as_ref().ok());
    let readings: usize = sent.map(|sent| sent.count).sum();
    if readings > MAX_READINGS {
        let detail = format!("must have at most 10,000 readings in all, not {readings}: send it in parts");
        return Err(Problem::field("/items", detail));
    }
    Ok(items)
}

impl NewUpload {
    fn read(self) -> Item {
        let body = Body {
            media_type: "application/json".to_owned(),
            bytes: format!(r#"{{"readings":{}}}"#, self.readings).into(),
        };
        (self.device, read_json(&body))
    }
}

async fn take(
    app: &App,
    table: &OrgTable,
    (project, id): (ProjectId, DeviceId),
    sent: Sent,
) -> Result<UploadView, Problem> {
    sent.bounded()?;
    if device(table, id).await?.project != project {
        return Err(Problem::not_found("device in this project"));
    }
    let accepted = hand_over(app, packed(table.org(), id, sent)?).await?;
    Ok(accepted.body)
}

impl ItemView {
    fn new(device: DeviceId, ended: Result<UploadView, Problem>) -> Self {
        let (upload, problem) = match ended {
            Ok(upload) => (Some(upload), None),
            Err(problem) => (None, Some(ProblemBody::from(problem))),
        };
        Self {
            device,
            status: problem.as_ref().map_or(ACCEPTED, ProblemBody::status),
            upload,
            problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_api::Kind;

    const DEVICE: &str = "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC";

    fn reads(items: &[String]) -> Result<Vec<Item>, Problem> {
        read(serde_json::from_str(&format!(r#"{{"items":[{}]}}"#, items.join(","))).unwrap())
    }

    fn item(readings: &str) -> String {
        format!(r#"{{"device":"{DEVICE}","readings":{readings}}}"#)
    }

    fn many(readings: usize) -> String {
        let reading = r#"{"variable":"a","time":"2026-01-02T03:04:05Z","value":1}"#;
        item(&format!("[{}]", vec![reading; readings].join(",")))
    }

    #[test]
    fn an_item_that_cannot_be_read_spoils_no_other() {
        let items = reads(&[
            many(2),
            item("[]"),
            item(r#"[{"variable":"a","value":"high"}]"#),
            item("7"),
        ])
        .unwrap();
        let ended: Vec<_> = items
            .into_iter()
            .map(|(_, sent)| sent.map(|sent| sent.count).map_err(|problem| problem.kind()))
            .collect();
        assert_eq!(
            ended,
            [Ok(2), Err(Kind::Invalid), Err(Kind::Invalid), Err(Kind::Invalid)]
        );
    }

    #[test]
    fn items_and_their_readings_are_bounded() {
        assert!(reads(&[many(9_000), many(1_000)]).is_ok());
        assert!(reads(&vec![many(1); 100]).is_ok());
        for wrong in [
            reads(&[]),
            reads(&vec![many(1); 101]),
            reads(&[many(9_000), many(1_001)]),
        ] {
            assert_eq!(
                wrong.map(|items| items.len()).map_err(|problem| problem.kind()),
                Err(Kind::Invalid)
            );
        }
    }
}
