//! GET /v1/orgs/{org}/devices/{device}/readings: readings of several streams of a device at once.

use super::position::Position;
use super::view::ReadingView;
use super::{device, known};
use crate::App;
use crate::scaling::{Rescale, Scaled, Scaling};
use crate::series::Series;
use crate::stored::{Times, page};
use aws_dynamodb::OrgTable;
use axum::extract::State;
use domain::reading::{ReadingTime, VariableName};
use domain::{DeviceId, OrgId, Permission};
use http_api::{Authenticated, Cursor, Json, Limit, Page, Path, Problem, Query, Refusals};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Most streams of one request.
const MOST: usize = 20;

/// Which readings.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// The variables, 1 to 20 with commas between them.
    #[param(inline)]
    variables: Variables,
    /// The first instant of the range; without it, each stream's beginning.
    start: Option<ReadingTime>,
    /// The first instant after the range; without it, no end.
    end: Option<ReadingTime>,
    /// How many readings a page has at most.
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    /// The `next` of the page before.
    cursor: Option<Cursor>,
    /// Whose scales the values come by: the output scale of each `stream` unless said, or `none`, as they are stored.
    #[serde(default)]
    #[param(inline)]
    scale: Scaled,
    /// A scale of one's own on top, for all of them: offset, multiplier and divisor, such as `32,9,5`.
    #[param(inline)]
    rescale: Option<Rescale>,
}

/// Different variables.
#[derive(Debug, PartialEq, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, example = "temperature,pressure")]
pub struct Variables(Vec<VariableName>);

/// One reading and what it is of.
#[derive(Serialize, utoipa::ToSchema)]
pub struct NamedReadingView {
    /// The variable.
    variable: VariableName,
    #[serde(flatten)]
    reading: ReadingView,
}

/// Read several streams of a device: one after another, in the order in which they are named, each in order of time. Variables without
/// readings are passed over.
#[utoipa::path(
    get, path = "/v1/orgs/{org}/devices/{device}/readings", operation_id = "listReadingsOfStreams", tag = "telemetry",
    params(("org" = OrgId, Path), ("device" = DeviceId, Path), Filter),
    responses((status = 200, body = Page<NamedReadingView>), Refusals),
    security(("bearer" = []), ("api_key" = [])),
)]
pub async fn handler(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Path((org, id)): Path<(OrgId, DeviceId)>,
    Query(mut filter): Query<Filter>,
) -> Result<Json<Page<NamedReadingView>>, Problem> {
    let table = app.tables.open(&caller.require(org, Permission::TelemetryRead)?)?;
    let times = Times::parse(filter.start, filter.end)?;
    let from = Cursor::parse(filter.cursor.take())?.unwrap_or(Place(0, None));
    device(&table, id).await?;
    let (readings, next) = read((&table, id), &filter, times, from).await?;
    Ok(Json(Page::new(readings, next)))
}

/// A page of the streams from a place on, and the place at which there may be more.
async fn read(
    (table, device): (&OrgTable, DeviceId),
    filter: &Filter,
    times: Times,
    from: Place,
) -> Result<(Vec<NamedReadingView>, Option<Place>), Problem> {
    let (mut found, mut after, limit) = (Vec::new(), from.1, filter.limit.get());
    for (place, variable) in filter.variables.0.iter().enumerate().skip(from.0) {
        if found.len() >= limit {
            return Ok((found, Some(Place(place, None))));
        }
        let Some(stream) = known(table, device, variable).await? else {
            continue;
        };
        let series = Series::of(table, device, &stream).await?;
        let (readings, next) = page(&series, times, after.take(), limit - found.len()).await?;
        let scaling = Scaling::of(&stream.settings, filter.scale, filter.rescale);
        for reading in scaling.readings(readings) {
            let (variable, reading) = (variable.clone(), ReadingView::try_from(reading)?);
            found.push(NamedReadingView { variable, reading });
        }
        if next.is_some() {
            return Ok((found, Some(Place(place, next))));
        }
    }
    Ok((found, None))
}

impl TryFrom<String> for Variables {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let names = text.split(',').take(MOST + 1).map(|name| name.parse().ok());
        let names: Option<Vec<VariableName>> = names.collect();
        let differ = |names: &Vec<VariableName>| {
            (1..names.len()).all(|n| !names.iter().take(n).any(|name| Some(name) == names.get(n)))
        };
        let names = names.filter(|names| names.len() <= MOST && differ(names));
        names
            .map(Self)
            .ok_or("must be 1 to 20 names of different variables with commas between them")
    }
}

/// A place in the streams of a request: which of them, and the reading after which a page begins.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place(usize, Option<Position>);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(stream, None) => write!(f, "{stream}"),
            Self(stream, Some(position)) => write!(f, "{stream}:{position}"),
        }
    }
}

impl FromStr for Place {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (stream, position) = match text.split_once(':') {
            Some((stream, position)) => (stream, Some(position.parse().map_err(|_| "no position")?)),
            None => (text, None),
        };
        Ok(Self(stream.parse().map_err(|_| "no stream")?, position))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_different_and_few() {
        let variables = |text: &str| Variables::try_from(text.to_owned()).map(|of| of.0.len());
        let many = |count: usize| (0..count).map(|n| format!("v{n}")).collect::<Vec<_>>().join(",");
        assert_eq!(
            [variables("a"), variables("a,b.c"), variables(&many(20))],
            [Ok(1), Ok(2), Ok(20)]
        );
        for wrong in ["", "a,", "a,b,a", "a b", &many(21)] {
            assert!(variables(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_place_reads_as_it_is_written() {
        for place in [
            Place(0, None),
            Place(3, Some(Position(7, None))),
            Place(19, Some(Position(-7, Some(5)))),
        ] {
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        assert!("x".parse::<Place>().is_err() && "1:".parse::<Place>().is_err());
    }
}
