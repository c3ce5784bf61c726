//! GET /v1/orgs/{org}/projects/{project}/statistics: one variable of all devices of a project in numbers.

use super::across::{Shares, across, merged};
use super::get::{StatisticsView, rest, view, windows};
use super::summarise::few_windows;
use super::window::{Window, Zone};
use crate::App;
use crate::readings::{Known, known};
use crate::scaling::{Scaled, Scaling};
use crate::stored::{Stored, Times};
use aws_dynamodb::OrgTable;
use axum::extract::State;
use domain::reading::{ReadingTime, VariableName};
use domain::{DeviceId, OrgId, Permission, ProjectId};
use futures::{StreamExt, TryStreamExt, stream};
use http_api::{Authenticated, Cursor, Json, Kind, Limit, Page, Path, Problem, Query, Refusals};
use serde::{Deserialize, Serialize};

/// Most devices of one request.
const MAX_DEVICES: usize = 200;
/// How many streams are looked up at once.
const AT_ONCE: usize = 16;

/// Which readings, in which windows.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// The variable; devices without it are passed over.
    variable: VariableName,
    /// The first instant of the range.
    start: ReadingTime,
    /// The first instant after the range.
    end: ReadingTime,
    /// The width of a window, as for one device. Without it, one window: the range.
    #[param(inline)]
    window: Option<Window>,
    /// Where days, weeks and months begin, as for one device.
    #[param(inline)]
    time_zone: Option<Zone>,
    /// `device` tells each device by itself; without it, all of them are told as one.
    #[param(inline)]
    by: Option<By>,
    /// `none` for values as they are stored. Devices whose streams have different output scales are told as one so only.
    #[serde(default)]
    #[param(inline)]
    scale: Scaled,
    /// How many windows a page has at most; `by=device`, how many items, but no less than one window's.
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    /// The `next` of the page before.
    cursor: Option<Cursor>,
}

/// What is told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// Devices.
    Device,
}

/// The readings of one window, of all devices or of one. Windows without readings are left out.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ProjectStatisticsView {
    /// The device, where devices are told apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<DeviceId>,
    /// How many devices have readings in the window.
    devices: usize,
    /// Of several devices `first` and `last` are of whichever was first and last, and `rate` is `null`.
    #[serde(flatten)]
    statistics: StatisticsView,
}

/// Summarise one variable across the devices of a project, window by window: of up to 200 devices and 20,000 blocks at once.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/projects/{project}/statistics", operation_id = "getProjectStatistics", tag = "telemetry",
    params(("org" = OrgId, Path), ("project" = ProjectId, Path), Filter),
    responses((status = 200, body = Page<ProjectStatisticsView>), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, project)): Path<(OrgId, ProjectId)>,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<ProjectStatisticsView>>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::TelemetryRead)?)?;
    let times = Times::parse(Some(filter.start), Some(filter.end))?;
    let windows = windows(filter.window, filter.time_zone)?;
    let times = match (filter.window, Cursor::parse(filter.cursor)?) {
        (Some(_), Some(after)) => rest(times, after, &windows),
        (None, Some(_)) => return Err(Problem::query("cursor", "goes with the `window` of the page before")),
        (Some(window), None) => few_windows(times.end - times.start, window).map(|()| times)?,
        (None, None) => times,
    };
    let streams = streams(&table, project, &filter.variable).await?;
    let sources: Vec<_> = streams
        .iter()
        .map(|(device, stream)| Stored::new(&table, *device, stream))
        .collect();
    let (mut found, mut more) = across(&sources, times, &windows, filter.limit.get()).await?;
    if filter.by.is_some() {
        more |= cut_to(&mut found, filter.limit.get());
    }
    let next = found.last().and_then(|shares| shares.first()).filter(|_| more);
    let next = next.map(|(_, window)| window.start);
    let items = match filter.by {
        None => as_one(&found, &shared(&streams, filter.scale)?)?,
        Some(By::Device) => apart(&found, &streams, filter.scale)?,
    };
    Ok(Json(Page::new(items, next)))
}

/// The project's streams of a variable, each with its device.
async fn streams(
    table: &OrgTable,
    project: ProjectId,
    variable: &VariableName,
) -> Result<Vec<(DeviceId, Known)>, Problem> {
    let (found, devices) =
        futures::future::join(table.project(project), table.device_ids(project, MAX_DEVICES + 1)).await;
    found?.ok_or_else(|| Problem::not_found("project in this organisation"))?;
    let devices = devices?;
    if devices.len() > MAX_DEVICES {
        let detail = "The project has more than 200 devices: ask for the statistics of each of them, and add them up.";
        return Err(Problem::new(Kind::Conflict, detail));
    }
    let streams = stream::iter(devices).map(|device| stream_of(table, device, variable));
    let streams: Vec<_> = streams.buffered(AT_ONCE).try_collect().await?;
    Ok(streams.into_iter().flatten().collect())
}

async fn stream_of(
    table: &OrgTable,
    device: DeviceId,
    variable: &VariableName,
) -> Result<Option<(DeviceId, Known)>, Problem> {
    let stream = known(table, device, variable).await?;
    Ok(stream.map(|stream| (device, stream)))
}

/// Leaves as many whole windows as have at most so many shares, but one at least; whether any went.
fn cut_to(windows: &mut Vec<Shares>, most: usize) -> bool {
    let mut shares = 0;
    let fitting = windows.iter().take_while(|window| {
        shares += window.len();
        shares <= most
    });
    let (kept, had) = (fitting.count().max(1), windows.len());
    windows.truncate(kept);
    kept < had
}

/// The scale by which all of the streams are told.
fn shared(streams: &[(DeviceId, Known)], by: Scaled) -> Result<Scaling, Problem> {
    Scaling::shared(streams.iter().map(|(_, known)| &known.settings), by).ok_or_else(|| {
        let detail = "The devices' streams have different output scales: ask with `by=device`, or with `scale=none` for values as they are stored.";
        Problem::new(Kind::Conflict, detail)
    })
}

fn as_one(windows: &[Shares], scaling: &Scaling) -> Result<Vec<ProjectStatisticsView>, Problem> {
    let whole = windows
        .iter()
        .filter_map(|shares| Some((shares.len(), merged(shares)?)));
    let views = whole.map(|(devices, window)| {
        let statistics = view(&window, &[], scaling)?;
        Ok(ProjectStatisticsView {
            device: None,
            devices,
            statistics: if devices == 1 {
                statistics
            } else {
                statistics.without_rate()
            },
        })
    });
    views.collect()
}

fn apart(windows: &[Shares], streams: &[(DeviceId, Known)], by: Scaled) -> Result<Vec<ProjectStatisticsView>, Problem> {
    let shares = windows.iter().flatten();
    let shares = shares.filter_map(|(place, window)| Some((streams.get(*place)?, window)));
    let views = shares.map(|((device, known), window)| {
        Ok(ProjectStatisticsView {
            device: Some(*device),
            devices: 1,
            statistics: view(window, &[], &Scaling::of(&known.settings, by, None))?,
        })
    });
    views.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use blocks::{Point, Summary};
    use statistics::{Tally, WindowTally};

    #[test]
    fn a_page_has_whole_windows_and_one_at_least() {
        let point = Point { time: 0, value: 1.0 };
        let tally = Tally::from(Summary::of_values(&[1.0], point, point).unwrap());
        let window = |devices: usize| -> Shares {
            let share = |place| {
                (
                    place,
                    WindowTally {
                        start: 0,
                        tally: tally.clone(),
                    },
                )
            };
            (0..devices).map(share).collect()
        };
        for (most, kept, cut) in [(1, 1, true), (4, 1, true), (5, 2, true), (8, 2, true), (9, 3, false)] {
            let mut windows = vec![window(3), window(2), window(4)];
            assert_eq!((cut_to(&mut windows, most), windows.len()), (cut, kept), "{most}");
        }
        assert!(!cut_to(&mut Vec::new(), 5));
    }
}
