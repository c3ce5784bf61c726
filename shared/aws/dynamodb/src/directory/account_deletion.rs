//! The end of an account: asked for, with the task that does it; then place by place and row by row; the person's own row last.
//!
//! In write units: asked 6 (and one read unit, doubled by the transaction, for what makes sure that each organisation keeps an owner), a place 6
//! with its journal entry, what is known of the address 6, the rest 1 a row.

use super::Directory;
use crate::keys::{self, Key};
use crate::table::{Range, Walk, unreadable};
use crate::transaction::{Change, Guard, Refused};
use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem, Update};
use domain::account::User;
use domain::id::Id;
use domain::mail::AddressHash;
use domain::task::Task;
use domain::{KeyId, OrgId, Role, ServiceError, TaskId, UserId};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// How many rows of a person are looked at: all there can be, since their places are gone by then.
const ALL: usize = usize::MAX;
/// How many members or keys are read at once.
const LISTED: usize = 100;
/// How many rows one transaction deletes (AWS "TransactWriteItems" takes 100).
const AT_ONCE: usize = 50;

impl Directory {
    /// Accepts the task that deletes an account: from the next request on none of its credentials is good. `owners` are the organisations that
    /// the person owns, each with another owner, who must still be one and stay: of the last two who go at once, one does.
    /// [`Refused::Write`]: somebody was faster.
    pub async fn ask_account_deletion(
        &self,
        user: UserId,
        task: &Task,
        owners: &[(OrgId, UserId)],
    ) -> Result<(), Refused> {
        let update = Update::builder()
            .table_name(&self.table.name)
            .set_key(Some(keys::user(user).cells()))
            .update_expression("SET #by = :task")
            .condition_expression("attribute_exists(pk) AND attribute_not_exists(#by)")
            .expression_attribute_names("#by", keys::DELETED_BY)
            .expression_attribute_values(":task", AttributeValue::S(task.id.to_string()));
        let mut change = Change::silent();
        let update = update.build().map_err(unreadable)?;
        change.writes.push(TransactWriteItem::builder().update(update).build());
        let mut change = self.with_task(change, task)?;
        for (org, owner) in owners {
            change = self.with_owner_there(change, *org, *owner)?;
        }
        // A transaction names an item once, and one person may own several of them.
        let people: BTreeSet<_> = owners.iter().map(|(_, owner)| owner.ulid()).collect();
        for owner in people {
            change = self.with_account_there(change, owner.into())?;
        }
        change.send(&self.table).await
    }

    /// Adds to a change that an account stays, which this task was to delete and has not begun to. Its sign-ins are over all the same.
    pub fn with_account_kept(
        &self,
        mut change: Change,
        (user, task): (UserId, TaskId),
        now: Timestamp,
    ) -> Result<Change, ServiceError> {
        let update = Update::builder()
            .table_name(&self.table.name)
            .set_key(Some(keys::user(user).cells()))
            .update_expression("SET #at = :now REMOVE #by, #kept")
            .condition_expression("#by = :task")
            .expression_attribute_names("#by", keys::DELETED_BY)
            .expression_attribute_names("#at", keys::SIGNED_OUT_AT)
            .expression_attribute_names("#kept", keys::KEPT_SESSION)
            .expression_attribute_values(":now", AttributeValue::N(now.as_second().to_string()))
            .expression_attribute_values(":task", AttributeValue::S(task.to_string()));
        let update = update.build().map_err(unreadable)?;
        change.writes.push(TransactWriteItem::builder().update(update).build());
        Ok(change)
    }

    /// Some of the places of a person, `limit` at most.
    pub async fn some_places_of(&self, user: UserId, limit: usize) -> Result<Vec<(OrgId, Role)>, ServiceError> {
        let walk = Walk {
            ascending: true,
            after: None,
            limit,
        };
        let rows = self
            .table
            .query::<super::users::MembershipRow>(&keys::user(user).pk, Range::Prefix("ORG#"), walk)
            .await?;
        Ok(rows.items.into_iter().map(|row| (row.org, row.role)).collect())
    }

    /// Takes a place and keys away without telling a journal: that of an organisation which has none.
    pub async fn drop_place(&self, org: OrgId, user: UserId, own: &[KeyId]) -> Result<(), ServiceError> {
        let places = [keys::membership(user, org), keys::member(org, user)];
        let own = own
            .iter()
            .flat_map(|key| [keys::key_credential(*key), keys::key(org, *key)]);
        let doomed: Vec<_> = own.chain(places).collect();
        self.delete_each(&doomed).await
    }

    /// The keys of an organisation that a person made.
    pub async fn keys_made_by(&self, org: OrgId, user: UserId) -> Result<Vec<KeyId>, ServiceError> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let (keys, next) = self.keys(org, after, LISTED).await?;
            let own = keys.iter().filter(|key| key.created_by == user.to_string());
            found.extend(own.map(|key| key.id));
            after = next;
            if after.is_none() {
                return Ok(found);
            }
        }
    }

    /// Forgets an address, unless it is somebody else's by now: whose it is, whether it takes mail, and what was tried there.
    pub async fn forget_address(&self, user: &User) -> Result<(), ServiceError> {
        let address = AddressHash::of(&user.email);
        let own = Delete::builder()
            .table_name(&self.table.name)
            .set_key(Some(keys::address(&address).cells()))
            .condition_expression("#user = :user")
            .expression_attribute_names("#user", "user")
            .expression_attribute_values(":user", AttributeValue::S(user.id.to_string()));
        let mut change = Change::silent();
        let own = own.build().map_err(unreadable)?;
        change.writes.push(TransactWriteItem::builder().delete(own).build());
        let change = change
            .delete(&self.table, &keys::mail_mark(&address), Guard::None)?
            .delete(&self.table, &keys::attempts(&address), Guard::None)?;
        match change.send(&self.table).await {
            Ok(()) | Err(Refused::Write(_)) => Ok(()),
            Err(Refused::Service(error)) => Err(error),
        }
    }

    /// Deletes every row of a person but their own: second factor, links, wishes, keys of theirs.
    pub async fn forget_person(&self, user: UserId) -> Result<(), ServiceError> {
        let own = keys::user(user);
        let walk = Walk {
            ascending: true,
            after: None,
            limit: ALL,
        };
        let mut doomed = self.table.keys(&own.pk, Range::All, walk).await?;
        doomed.retain(|key| *key != own);
        let twins: Vec<_> = doomed
            .iter()
            .filter_map(|key| super::enrolments::twin(user, &key.sk))
            .collect();
        doomed.extend(twins);
        self.delete_each(&doomed).await
    }

    /// Adds to a change that a person's own row goes, and with it whatever key it holds.
    pub fn with_person_gone(&self, change: Change, user: UserId) -> Result<Change, ServiceError> {
        change.delete(&self.table, &keys::user(user), Guard::None)
    }

    async fn delete_each(&self, doomed: &[Key]) -> Result<(), ServiceError> {
        for chunk in doomed.chunks(AT_ONCE) {
            let mut change = Change::silent();
            for key in chunk {
                change = change.delete(&self.table, key, Guard::None)?;
            }
            change.send(&self.table).await?;
        }
        Ok(())
    }
}
