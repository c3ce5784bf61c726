//! What every export has in common: where it finds what it is of, and how it goes on where its file is over.

use super::{Step, Wait, organization};
use crate::App;
use aws_dynamodb::OrgTable;
use domain::organization::{OrgStatus, Organization};
use domain::task::Task;
use domain::{Grant, ServiceError};
use serde_json::Value;
use std::time::Duration;

/// An organisation that is not in use at present.
const LATER: Duration = Duration::from_secs(5 * 60);

/// The organisation that an export is of, with its table; or what the task does where there is none to read.
pub(super) async fn opened(app: &App, task: &Task) -> Result<Result<(Organization, OrgTable), Step>, ServiceError> {
    let org = organization(app, task).await?;
    if matches!(org.status, OrgStatus::Deleting | OrgStatus::Deleted) {
        return Ok(Err(Step::Fail("the organisation is being deleted".to_owned())));
    }
    let grant = Grant::for_task(org.id, task.requested_by.clone(), org.status, org.table.clone());
    let table = app.tables.open(&grant).map_err(|_| Step::wait(LATER));
    Ok(table.map(|table| (org, table)))
}

/// A step; where the upload of its file is over, the export begins anew: it was completed, and the end of the task was lost.
pub(super) fn or_anew(step: Result<Step, ServiceError>) -> Result<Step, ServiceError> {
    match step {
        Err(ServiceError::Conflict) => Ok(Step::Wait(Wait {
            state: Some(Value::Null),
            ..Wait::default()
        })),
        step => step,
    }
}
