//! `system.check_readings`: every hour, which streams have readings dated in the future.
//!
//! Idempotency, order and retry: `check_round.rs`.

use super::check_round::{self, Check};
use super::{App, Step};
use aws_dynamodb::{CheckPlace, FutureReadings, OrgTable};
use domain::ServiceError;
use domain::task::{Task, TaskKind};
use jiff::Timestamp;

struct Readings;

impl Check for Readings {
    const NOTICE: TaskKind = TaskKind::TellReadings;
    type Found = FutureReadings;

    async fn page(
        table: &OrgTable,
        now: Timestamp,
        from: Option<CheckPlace>,
    ) -> Result<(Vec<FutureReadings>, Option<CheckPlace>), ServiceError> {
        let page = table.check_future_readings(now, from).await?;
        Ok((page.streams, page.next))
    }

    fn since(found: &FutureReadings) -> Timestamp {
        found.noted_at
    }

    async fn acknowledge(table: &OrgTable, found: &[FutureReadings]) -> Result<(), ServiceError> {
        table.future_readings_told(found).await
    }
}

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    check_round::run::<Readings>(app, task).await
}
