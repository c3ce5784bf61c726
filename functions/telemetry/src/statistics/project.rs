//! GET /v1/orgs/{org}/projects/{project}/statistics: one variable of all devices of a project in numbers.

use super::across::{Asked, across, as_one};
use super::by_device;
use super::get::{rest, view, windows};
use super::percents::Percents;
use super::project_view::ProjectStatisticsView;
use super::summarise::few_windows;
use super::window::{Window, Zone};
use crate::App;
use crate::readings::{Known, known};
use crate::scaling::{Scaled, Scaling};
use crate::series::Series;
use crate::stored::Times;
use aws_dynamodb::OrgTable;
use axum::extract::State;
use domain::reading::{ReadingTime, VariableName};
use domain::{DeviceId, OrgId, Permission, ProjectId};
use futures::future::try_join_all;
use futures::{StreamExt, TryStreamExt, stream};
use http_api::{Authenticated, Cursor, Json, Kind, Limit, Page, Path, Problem, Query, Refusals};
use serde::Deserialize;

/// Most devices of one request.
const MAX_DEVICES: usize = 200;
/// How many streams are looked up at once.
const AT_ONCE: usize = 16;

/// Most windows of a page with percentiles: all values of a window are kept, up to a number.
const MAX_WITH_PERCENTILES: usize = 100;

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
    /// Which percentiles of all devices' readings to tell as well, such as `50,95,99.9`. They take longer: nothing of the range is answered from sums then.
    #[param(inline)]
    percentiles: Option<Percents>,
    /// `device` tells each device by itself; without it, all of them are told as one.
    #[param(inline)]
    by: Option<By>,
    /// `none` for values as they are stored. Devices whose streams have different output scales are told as one so only.
    #[serde(default)]
    #[param(inline)]
    scale: Scaled,
    /// How many windows a page has at most, with percentiles never more than 100; `by=device`, how many items, but no less than one window's.
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

/// Summarise one variable across the devices of a project, window by window: of up to 200 devices and 20,000 blocks at once, 10,000 with
/// percentiles.
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
    let mut series = Vec::with_capacity(streams.len());
    for some in streams.chunks(AT_ONCE) {
        let some = some.iter().map(|(device, known)| Series::of(&table, *device, known));
        series.extend(try_join_all(some).await?);
    }
    let percents = filter.percentiles.unwrap_or_default().0;
    let asked = Asked {
        times,
        windows,
        percentiles: !percents.is_empty(),
        limit: filter.limit.get(),
    };
    match filter.by {
        None => together(&series, asked, &percents, &shared(&streams, filter.scale)?).await,
        Some(By::Device) => by_device::each(&series, &asked, &streams, filter.scale).await,
    }
    .map(Json)
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

/// The scale by which all of the streams are told.
fn shared(streams: &[(DeviceId, Known)], by: Scaled) -> Result<Scaling, Problem> {
    Scaling::shared(streams.iter().map(|(_, known)| &known.settings), by).ok_or_else(|| {
        let detail = "The devices' streams have different output scales: ask with `by=device`, or with `scale=none` for values as they are stored.";
        Problem::new(Kind::Conflict, detail)
    })
}

/// All devices as one.
async fn together(
    series: &[Series<'_>],
    mut asked: Asked,
    percents: &[f64],
    scaling: &Scaling,
) -> Result<Page<ProjectStatisticsView>, Problem> {
    if asked.percentiles {
        asked.limit = asked.limit.min(MAX_WITH_PERCENTILES);
    }
    let (found, more) = across(series, &asked, as_one).await?;
    let views = found.iter().map(|(devices, window)| {
        let statistics = view(window, percents, scaling)?;
        Ok(ProjectStatisticsView {
            device: None,
            devices: *devices,
            statistics: if *devices == 1 {
                statistics
            } else {
                statistics.without_rate()
            },
        })
    });
    let next = found.last().filter(|_| more).map(|(_, window)| window.start);
    Ok(Page::new(views.collect::<Result<Vec<_>, Problem>>()?, next))
}
