//! Organisations: asked for, opened and closed. Each step commits with the task that takes it.

use super::Directory;
use super::members::Member;
use crate::keys;
use crate::table::{Range, Walk};
use crate::transaction::{Change, Guard, Refused};
use crate::{OrgTable, OrgTables};
use domain::organization::Organization;
use domain::task::Task;
use domain::{Grant, OrgId, ServiceError, TaskId};

/// How many rows a clean-up deletes in one transaction (AWS "TransactWriteItems" takes 100).
const CLEAN_UP_CHUNK: usize = 50;

impl Directory {
    /// An organisation.
    pub async fn organization(&self, id: OrgId) -> Result<Option<Organization>, ServiceError> {
        self.table.get(&keys::org(id)).await
    }

    /// Several organisations, in no particular order; those that do not exist are left out.
    pub async fn organizations(&self, ids: &[OrgId]) -> Result<Vec<Organization>, ServiceError> {
        let wanted: Vec<_> = ids.iter().map(|id| keys::org(*id)).collect();
        self.table
            .get_many(&wanted)
            .await?
            .into_iter()
            .map(crate::table::from_item)
            .collect()
    }

    /// Accepts a new organisation: its row, its owner's place, and the task that creates its table.
    pub async fn request_organization(&self, org: &Organization, owner: &Member, task: &Task) -> Result<(), Refused> {
        let change = Change::silent().put(&self.table, &keys::org(org.id), org, Guard::Absent)?;
        let change = self.add_member(change, owner)?;
        self.with_task(change, task)?.send(&self.table).await
    }

    /// Accepts an organisation's deletion: its new state and the task that carries it out, unless another task came after `latest`. One that
    /// never had a table has no journal to tell.
    pub async fn request_deletion(
        &self,
        table: Option<&OrgTable>,
        change: Change,
        org: &Organization,
        (latest, task): (TaskId, &Task),
    ) -> Result<(), Refused> {
        let change = change.put(&self.table, &keys::org(org.id), org, Guard::Task(latest))?;
        let change = self.with_task(change, task)?;
        match table {
            Some(table) => table.commit(change).await,
            None => change.send(&self.table).await,
        }
    }

    /// Opens an organisation: its row, the first entry of its journal, and its task's end, all at once; nothing when the task has ended.
    pub async fn open(
        &self,
        tables: &OrgTables,
        opened: Change,
        org: &Organization,
        task: &Task,
    ) -> Result<(), Refused> {
        let grant = Grant::for_task(org.id, task.requested_by.clone(), org.status, org.table.clone());
        let table = tables
            .open(&grant)
            .map_err(|denied| ServiceError::Failed(denied.to_string()))?;
        let change = opened.put(&self.table, &keys::org(org.id), org, Guard::Task(task.id))?;
        table.commit(self.with_task_done(change, task)?).await
    }

    /// Records an organisation's new state with the end of its task; nothing when the task has ended.
    pub async fn settle(&self, org: &Organization, task: &Task) -> Result<(), Refused> {
        let change = Change::silent();
        let change = match org.task == task.id {
            true => change.put(&self.table, &keys::org(org.id), org, Guard::Task(task.id))?,
            // Another task has the organisation by now: this one just ends.
            false => change,
        };
        self.with_task_done(change, task)?.send(&self.table).await
    }

    /// Deletes the rows of an organisation whose data are gone: members, keys, invitations. The member `keep` stays, to see the task's end.
    pub async fn clean_up(&self, org: OrgId, keep: &str) -> Result<(), ServiceError> {
        let rows = self.rows_of(org).await?;
        let doomed = rows.into_iter().filter(|sk| !sk.ends_with(keep));
        let doomed: Vec<_> = doomed.flat_map(|sk| doomed_with(org, &sk)).collect();
        for chunk in doomed.chunks(CLEAN_UP_CHUNK) {
            let mut change = Change::silent();
            for key in chunk {
                change = change.delete(&self.table, key, Guard::None)?;
            }
            change
                .send(&self.table)
                .await
                .map_err(|refused| ServiceError::Busy(format!("clean-up: {refused:?}")))?;
        }
        Ok(())
    }

    async fn rows_of(&self, org: OrgId) -> Result<Vec<String>, ServiceError> {
        let mut rows = Vec::new();
        for prefix in ["MEMBER#", "KEY#", "INVITATION#"] {
            let walk = Walk {
                ascending: true,
                after: None,
                limit: usize::MAX,
            };
            let found = self
                .table
                .query_items(&keys::org(org).pk, Range::Prefix(prefix), walk)
                .await?;
            rows.extend(
                found
                    .items
                    .iter()
                    .filter_map(|item| crate::cell::text(item, "sk"))
                    .map(str::to_owned),
            );
        }
        Ok(rows)
    }
}

/// A row under an organisation and its twin under the person or key.
fn doomed_with(org: OrgId, sk: &str) -> Vec<keys::Key> {
    let own = keys::Key {
        pk: keys::org(org).pk,
        sk: sk.to_owned(),
    };
    let twin = match sk.split_once('#') {
        Some(("MEMBER", user)) => user.parse().ok().map(|user| keys::membership(user, org)),
        Some(("KEY", key)) => key.parse().ok().map(keys::key_credential),
        _ => None,
    };
    twin.into_iter().chain([own]).collect()
}
