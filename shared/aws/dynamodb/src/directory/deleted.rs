//! What stays of a deleted organisation, for its last owner to see that it is deleted: its row and their place in it. Both go by themselves
//! (DynamoDB time to live), as the row of the task does that deleted it.

use super::Directory;
use crate::keys;
use crate::transaction::{Change, Guard};
use domain::organization::Organization;
use domain::{ServiceError, TaskId, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// How long it stays.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

#[derive(Serialize)]
struct Expiring<'a, T> {
    #[serde(flatten)]
    row: &'a T,
    /// Unix seconds.
    expires_at: i64,
}

impl Directory {
    /// Adds to a change that an organisation is deleted, unless another task than `latest` has it by now. The place of `last`, where they
    /// are a member, stays as long as its row.
    pub async fn with_deleted_organization(
        &self,
        change: Change,
        org: &Organization,
        latest: TaskId,
        (last, now): (&str, Timestamp),
    ) -> Result<Change, ServiceError> {
        let expires_at = (now + KEPT).as_second();
        let change = self.with_life(change, org, latest, Some(expires_at))?;
        let Ok(last) = last.parse::<UserId>() else {
            return Ok(change);
        };
        let Some(member) = self.member(org.id, last).await? else {
            return Ok(change);
        };
        let row = Expiring {
            row: &member,
            expires_at,
        };
        change
            .put(&self.table, &keys::membership(last, org.id), &row, Guard::Present)?
            .put(&self.table, &keys::member(org.id, last), &row, Guard::Present)
    }
}
