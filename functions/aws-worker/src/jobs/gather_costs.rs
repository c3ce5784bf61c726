//! `system.gather_costs`: daily, what AWS has billed for the deployment: this month up to the day, and the month before, by service and by organisation.
//!
//! Each request costs 0.01 dollars, whatever comes of it: both months are one, and of its pages at most [`PAGES`] are read. Idempotency: it reads, and
//! the row's key is the day of the schedule: a second run writes the same row over it, with what AWS tells by then. Retry: what is throttled, or
//! without an answer, five times; what is refused is not asked again, and staff are told: Cost Explorer is off in the account, or the
//! tags are. The next day's reads the same months, so that a day that failed leaves no hole.

use super::{Effect, Step};
use crate::App;
use domain::ServiceError;
use domain::costs::{Costs, Months};
use domain::task::Task;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;

/// Most pages: a page holds some hundred lines at least, and each costs as much as the first.
const PAGES: u32 = 5;

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let Some(explorer) = &app.cost_explorer else {
        return Ok(Step::Refuse("CostExplorerUrl names no Cost Explorer".to_owned()));
    };
    let months = Months::until(day(task));
    let (billed, complete) = explorer.billed(months, PAGES).await?;
    let costs = Costs::of(months, app.source.now(), (&billed, complete))?;
    if !costs.complete {
        tracing::warn!(day = %costs.day, "{PAGES} pages are not all that AWS has billed");
    }
    app.directory.put_costs(&costs).await?;
    Ok(Step::Done(Effect {
        result: Some(json!({ "day": costs.day })),
        ..Effect::default()
    }))
}

/// The day of the schedule's time, or of the task's own where nobody said.
fn day(task: &Task) -> Date {
    task.scheduled_for().to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::task::TaskKind;
    use jiff::Timestamp;

    #[test]
    fn the_day_is_that_of_the_schedules_time_however_late_it_is_done() {
        let now: Timestamp = "2026-03-06T00:10:00Z".parse().unwrap();
        let task = Task::scheduled(TaskKind::GatherCosts, now, now);
        assert_eq!(day(&task).to_string(), "2026-03-06");
        let task = task.with_input(json!({ "at": "2026-03-05T04:55:00Z" }));
        assert_eq!(day(&task).to_string(), "2026-03-05");
    }
}
