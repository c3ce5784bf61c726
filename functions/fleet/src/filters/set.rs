//! Setting and deleting a filter, whosesoever it is.

use super::secrets::{Parsed, parse};
use super::view::FilterView;
use super::{Place, existing, told};
use crate::{App, not_changed};
use aws_dynamodb::{Change, MAX_FILTERS, OrgTable, Refused};
use domain::Grant;
use domain::filter::{NewFilter, SetFilter};
use domain::journal::Event;
use http_api::{IfMatch, Kind, NoContent, Problem, Versioned};

/// Sets a filter over that version, which is 0 where there is none.
pub async fn set(
    app: &App,
    (grant, table): (&Grant, &OrgTable),
    place: Place<'_>,
    (version, body): (IfMatch, NewFilter),
) -> Result<Versioned<FilterView>, Problem> {
    let old = table.filter(place.of, place.variable).await?;
    version.must_be(old.as_ref().map_or(0, |old| old.version))?;
    let Parsed { filter, secret, shown } = parse(app, table.org(), (place.variable, body), old.as_ref()).await?;
    let set = SetFilter {
        id: old.as_ref().map_or_else(|| app.source.id(), |old| old.id),
        filter,
        secret,
        version: version.0 + 1,
        set_by: grant.actor().to_owned(),
        set_at: app.source.now(),
    };
    let event = Event {
        action: "filter.set",
        resource: place.resource(),
        before: old.as_ref().map(told),
        after: Some(told(&set)),
    };
    let committed = table
        .set_filter(Change::told(event), (place.of, place.variable), &set)
        .await;
    committed.map_err(|refused| not_set(refused, version))?;
    Ok(Versioned(set.version, FilterView::new(set, None, None).showing(shown)))
}

fn not_set(refused: Refused, version: IfMatch) -> Problem {
    match refused {
        Refused::Write(1) => Problem::not_found("project or device any more"),
        Refused::Write(2) => {
            let detail = format!("The organisation has {MAX_FILTERS} filters: delete one first.");
            Problem::new(Kind::Conflict, detail)
        }
        other => not_changed(other, version),
    }
}

/// Deletes a filter of that version.
pub async fn delete(table: &OrgTable, place: Place<'_>, version: IfMatch) -> Result<NoContent, Problem> {
    let old = existing(table, place).await?;
    version.must_be(old.version)?;
    let event = Event {
        action: "filter.deleted",
        resource: place.resource(),
        before: Some(told(&old)),
        after: None,
    };
    let deleted = table
        .delete_filter(Change::told(event), (place.of, place.variable), old.version)
        .await;
    deleted.map_err(|refused| not_changed(refused, version))?;
    Ok(NoContent)
}
