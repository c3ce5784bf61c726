//! Readings as an answer: a page of JSON, or lines of CSV or NDJSON whose next page a `link` header names (RFC 8288).

use super::view::{InUnit, ReadingView};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use http_api::{Cursor, Json, Problem};
use serde::Deserialize;
use std::fmt::Write;

/// Most readings of a page of JSON.
const MOST_OF_JSON: usize = 1_000;
/// Most readings of a page of lines: of any more an answer could exceed the 6 MB that Lambda gives ("Lambda quotas").
const MOST_OF_LINES: u32 = 20_000;
/// By which Lambda's adapter knows a text whose media type does not say that it is one.
const IS_TEXT: HeaderName = HeaderName::from_static("x-lambda-http-content-encoding");

/// How readings are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A page like every other.
    #[default]
    Json,
    /// A line for each reading after one that names the columns (RFC 4180).
    Csv,
    /// A JSON object a line.
    Ndjson,
}

/// How many readings a page may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "u32")]
#[schema(value_type = u32, minimum = 1, maximum = 20000, default = 100)]
pub struct Rows(u32);

impl TryFrom<u32> for Rows {
    type Error = &'static str;
    fn try_from(number: u32) -> Result<Self, Self::Error> {
        match number {
            1..=MOST_OF_LINES => Ok(Self(number)),
            _ => Err("must be a number from 1 to 1000, or to 20000 in csv and ndjson"),
        }
    }
}

impl Format {
    /// How many readings a page of this format has.
    pub fn limit(self, rows: Option<Rows>) -> Result<usize, Problem> {
        let rows = rows
            .map_or(Ok(100), |rows| usize::try_from(rows.0))
            .map_err(Problem::internal)?;
        match self {
            Self::Json if rows > MOST_OF_JSON => Err(Problem::query("limit", "must be a number from 1 to 1000")),
            _ => Ok(rows),
        }
    }

    /// The answer to a request of that query.
    pub fn render(self, page: InUnit<ReadingView>, query: &str) -> Result<Response, Problem> {
        let (media_type, text) = match self {
            Self::Json => return Ok(Json(page).into_response()),
            Self::Csv => ("text/csv; charset=utf-8; header=present", csv(&page.items)),
            Self::Ndjson => ("application/x-ndjson", ndjson(&page.items)?),
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        headers.insert(IS_TEXT, HeaderValue::from_static("text"));
        if let Some(next) = page.next {
            let link = HeaderValue::from_str(&link(query, next)).map_err(Problem::internal)?;
            headers.insert(header::LINK, link);
        }
        Ok((headers, text).into_response())
    }
}

/// A link to the next page, relative to the request's own address (RFC 3986 section 5.2.2).
fn link(query: &str, next: Cursor) -> String {
    let others = query
        .split('&')
        .filter(|part| !part.is_empty() && !part.starts_with("cursor="));
    let cursor = format!("cursor={}", String::from(next));
    let query: Vec<&str> = others.chain([cursor.as_str()]).collect();
    format!("<?{}>; rel=\"next\"", query.join("&"))
}

fn csv(readings: &[ReadingView]) -> String {
    let mut text = String::from("time,value,status,id\r\n");
    for reading in readings {
        let ReadingView {
            time,
            value,
            status,
            id,
        } = reading;
        let id = id.map(|id| id.to_string()).unwrap_or_default();
        // Such a float is as short as it can be and reads back to the bit; writing to a text does not fail.
        let _ = write!(text, "{time},{value:?},{status},{id}\r\n");
    }
    text
}

fn ndjson(readings: &[ReadingView]) -> Result<String, Problem> {
    let mut text = String::new();
    for reading in readings {
        text.push_str(&serde_json::to_string(reading).map_err(Problem::internal)?);
        text.push('\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::reading::ReadingTime;
    use http_api::Page;

    fn page(next: Option<&str>) -> InUnit<ReadingView> {
        let reading = |time: &str, value, id| ReadingView {
            time: ReadingTime::parse(time).unwrap(),
            value,
            status: "clean",
            id,
        };
        let readings = vec![
            reading("2026-01-02T03:04:05Z", -0.1, None),
            reading("2026-01-02T03:04:05.5Z", 1e300, Some(7)),
        ];
        InUnit::new(Page::new(readings, next), None)
    }

    #[test]
    fn lines_hold_what_json_does() {
        assert_eq!(
            csv(&page(None).items),
            "time,value,status,id\r\n2026-01-02T03:04:05Z,-0.1,clean,\r\n2026-01-02T03:04:05.5Z,1e300,clean,7\r\n"
        );
        assert_eq!(
            ndjson(&page(None).items).unwrap(),
            "{\"time\":\"2026-01-02T03:04:05Z\",\"value\":-0.1,\"status\":\"clean\"}\n\
             {\"time\":\"2026-01-02T03:04:05.5Z\",\"value\":1e+300,\"status\":\"clean\",\"id\":7}\n"
        );
    }

    #[test]
    fn the_next_page_of_lines_is_linked() {
        let answer = Format::Csv
            .render(page(Some("5.7")), "format=csv&cursor=old&limit=2")
            .unwrap();
        assert_eq!(
            answer.headers()["link"],
            "<?format=csv&limit=2&cursor=NS43>; rel=\"next\""
        );
        assert!(
            !Format::Ndjson
                .render(page(None), "format=ndjson")
                .unwrap()
                .headers()
                .contains_key("link")
        );
    }

    #[test]
    fn pages_of_json_are_smaller() {
        let limit = |format: Format, rows| format.limit(Rows::try_from(rows).ok()).ok();
        assert_eq!(
            (limit(Format::Json, 1_000), limit(Format::Json, 1_001)),
            (Some(1_000), None)
        );
        assert_eq!(limit(Format::Csv, 20_000), Some(20_000));
        assert!(Rows::try_from(20_001).is_err() && Rows::try_from(0).is_err());
    }
}
