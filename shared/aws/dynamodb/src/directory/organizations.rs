//! Organisations: asked for, opened and closed. Each step commits with the task that takes it.

use super::Directory;
use super::members::Member;
use crate::keys;
use crate::table::{Range, Walk};
use crate::transaction::{Change, Guard};
use domain::organization::{OrgStatus, Organization};
use domain::task::Task;
use domain::{OrgId, ServiceError, TaskId};
use serde::{Deserialize, Serialize};

/// How many rows a clean-up deletes in one transaction (AWS "TransactWriteItems" takes 100).
const CLEAN_UP_CHUNK: usize = 50;

/// That there is an organisation.
#[derive(Serialize, Deserialize)]
struct Listed {
    org: OrgId,
}

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

    /// A page of all organisations in order of creation, after `after`.
    pub async fn all_organizations(
        &self,
        after: Option<OrgId>,
        limit: usize,
    ) -> Result<(Vec<Organization>, Option<OrgId>), ServiceError> {
        let after = after.map(|id| id.to_string());
        let walk = Walk {
            ascending: true,
            after: after.as_deref(),
            limit,
        };
        let (rows, next) = self
            .table
            .page(keys::ORGANIZATIONS, Range::All, walk, |row: &Listed| row.org)
            .await?;
        let ids: Vec<_> = rows.into_iter().map(|row| row.org).collect();
        let mut found = self.organizations(&ids).await?;
        found.sort_by_key(|org| org.id);
        Ok((found, next))
    }

    /// How many organisations there are.
    pub async fn count_organizations(&self) -> Result<u64, ServiceError> {
        self.table.count(keys::ORGANIZATIONS).await
    }

    /// A new organisation with its owner's place and the task that creates its table.
    pub fn with_new_organization(
        &self,
        org: &Organization,
        owner: &Member,
        task: &Task,
    ) -> Result<Change, ServiceError> {
        let listed = Listed { org: org.id };
        let change = Change::silent()
            .put(&self.table, &keys::org(org.id), org, Guard::Absent)?
            .put(&self.table, &keys::organization_listed(org.id), &listed, Guard::None)?;
        self.with_task(self.add_member(change, owner)?, task)
    }

    /// Adds an organisation's new state to a change, unless another task than `latest` has it by now.
    pub fn with_organization(
        &self,
        change: Change,
        org: &Organization,
        latest: TaskId,
    ) -> Result<Change, ServiceError> {
        change.put(&self.table, &keys::org(org.id), org, Guard::Task(latest))
    }

    /// Saves an organisation's new state, unless another task than `latest` has it by now ([`ServiceError::Conflict`]).
    pub async fn save_organization(&self, org: &Organization, latest: TaskId) -> Result<(), ServiceError> {
        let change = self.with_organization(Change::silent(), org, latest)?;
        Ok(change.send(&self.table).await?)
    }

    /// Adds to the change that runs a task again, where it is one of an organisation's life, that it has the organisation in hand. `None`
    /// when another task has had it in hand since.
    pub async fn with_organization_in_hand(&self, change: Change, task: &Task) -> Result<Option<Change>, ServiceError> {
        let during = task.known_kind().and_then(OrgStatus::during);
        let (Some(status), Some(org)) = (during, task.org) else {
            return Ok(Some(change));
        };
        let found = self.organization(org).await?.filter(|org| org.task == task.id);
        let Some(found) = found else { return Ok(None) };
        let org = Organization { status, ..found };
        self.with_organization(change, &org, task.id).map(Some)
    }

    /// Deletes the rows of an organisation whose data are gone: its place in the list, members, keys, invitations. The member `keep` stays,
    /// to see the task's end.
    pub async fn clean_up(&self, org: OrgId, keep: &str) -> Result<(), ServiceError> {
        let rows = self.rows_of(org).await?;
        let doomed = rows.into_iter().filter(|sk| !sk.ends_with(keep));
        let doomed = doomed.flat_map(|sk| doomed_with(org, &sk));
        let doomed: Vec<_> = doomed
            .chain([keys::organization_listed(org), keys::owners(org)])
            .collect();
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
        for prefix in [
            "MEMBER#",
            "KEY#",
            "MACHINE#",
            "MACHINEROLE#",
            "INVITATION#",
            keys::GROUP_MAPPING_PREFIX,
        ] {
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
        Some(("GROUP", id)) => id.parse().ok().map(|id| keys::group_mapped(id, org)),
        Some(("MACHINE", machine)) => machine.parse().ok().map(keys::machine_credential),
        Some(("KEY", key)) => key.parse().ok().map(keys::key_credential),
        _ => None,
    };
    twin.into_iter().chain([own]).collect()
}
