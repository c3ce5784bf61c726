//! `system.check_devices`: every 30 minutes, which devices fell silent or came back.
//!
//! Idempotency, order and retry: `check_round.rs`. What a device's state is, and which change is news, `domain::fleet` says.

use super::check_round::{self, Check};
use super::{App, Step};
use aws_dynamodb::{CheckPlace, DeviceChange, OrgTable};
use domain::ServiceError;
use domain::task::{Task, TaskKind};
use jiff::Timestamp;

struct Devices;

impl Check for Devices {
    const NOTICE: TaskKind = TaskKind::TellDevices;
    type Found = DeviceChange;

    async fn page(
        table: &OrgTable,
        now: Timestamp,
        from: Option<CheckPlace>,
    ) -> Result<(Vec<DeviceChange>, Option<CheckPlace>), ServiceError> {
        let page = table.check_devices(now, from).await?;
        Ok((page.changes, page.next))
    }

    fn since(found: &DeviceChange) -> Timestamp {
        found.since
    }

    async fn acknowledge(table: &OrgTable, found: &[DeviceChange]) -> Result<(), ServiceError> {
        table.acknowledge(found).await
    }
}

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    check_round::run::<Devices>(app, task).await
}
