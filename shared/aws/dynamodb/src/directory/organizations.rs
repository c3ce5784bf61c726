//! Organisations: asked for, opened and closed. Each step commits with the task that takes it.

use super::Directory;
use super::members::Member;
use crate::keys;
use crate::table::{Range, Walk};
use crate::transaction::{Change, Guard};
use domain::organization::{Closing, OrgStatus, Organization};
use domain::task::Task;
use domain::{OrgId, ServiceError, TaskId};
use serde::{Deserialize, Serialize};

/// How many rows a clean-up deletes in one transaction (AWS "TransactWriteItems" takes 100).
const CLEAN_UP_CHUNK: usize = 50;

/// What the steps of an organisation's life write of its row, and nothing else does: a name given meanwhile stays.
#[derive(Serialize)]
struct Life<'a> {
    status: OrgStatus,
    generation: u32,
    last_generation: u32,
    table: Option<&'a str>,
    schema: u32,
    task: TaskId,
    step: u64,
    closing: Option<&'a Closing>,
    /// When the row goes by itself (Unix seconds; DynamoDB time to live).
    expires_at: Option<i64>,
    /// Null where it goes, which is with the organisation; otherwise not written.
    #[serde(skip_serializing_if = "Option::is_none")]
    machine_key: Option<Option<()>>,
}

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

    /// Adds the next step of an organisation's life to a change, unless another task than `latest` has it by now, or somebody has taken a step
    /// since `org` was read.
    pub fn with_organization(
        &self,
        change: Change,
        org: &Organization,
        latest: TaskId,
    ) -> Result<Change, ServiceError> {
        self.with_life(change, org, latest, None)
    }

    pub(super) fn with_life(
        &self,
        change: Change,
        org: &Organization,
        latest: TaskId,
        expires_at: Option<i64>,
    ) -> Result<Change, ServiceError> {
        let life = Life {
            status: org.status,
            generation: org.generation,
            last_generation: org.last_generation,
            table: org.table.as_deref(),
            schema: org.schema,
            task: org.task,
            step: org.step + 1,
            closing: org.closing.as_ref(),
            expires_at,
            machine_key: expires_at.map(|_| None),
        };
        let guard = Guard::Life {
            task: latest,
            step: org.step,
        };
        change.set(&self.table, &keys::org(org.id), &life, guard)
    }

    /// Takes the next step of an organisation's life, unless somebody else was first ([`ServiceError::Conflict`]).
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

    /// Deletes the rows of an organisation whose data are gone: its place in the list, members, keys, invitations, domains, notes. The member
    /// `keep` stays, to see the task's end.
    pub async fn clean_up(&self, org: OrgId, keep: &str) -> Result<(), ServiceError> {
        self.release_domains(org).await?;
        let (rows, keep) = (self.rows_of(org).await?, format!("MEMBER#{keep}"));
        let doomed = rows.into_iter().filter(|sk| *sk != keep);
        let doomed = doomed.flat_map(|sk| doomed_with(org, &sk));
        let doomed: Vec<_> = doomed
            .chain([keys::organization_listed(org), keys::archived(org)])
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
            keys::DOMAIN_PREFIX,
            keys::ENROLLED_PREFIX,
            keys::PROFILE,
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
        Some(("ENROLLED", user)) => user.parse().ok().map(|user| keys::enrolled(user, org)),
        Some(("GROUP", id)) => id.parse().ok().map(|id| keys::group_mapped(id, org)),
        Some(("MACHINE", machine)) => machine.parse().ok().map(keys::machine_credential),
        Some(("KEY", key)) => key.parse().ok().map(keys::key_credential),
        _ => None,
    };
    twin.into_iter().chain([own]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_config::{BehaviorVersion, SdkConfig};
    use domain::maintenance::Maintenance;
    use domain::text::Name;
    use jiff::Timestamp;

    /// What keeps a rename and a step of an organisation's life from losing each other's writes.
    #[test]
    fn a_step_of_its_life_sets_what_is_its_own_and_leaves_the_name() {
        let aws = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build();
        let directory = Directory::new(&aws, "directory".to_owned(), "outbox".to_owned());
        let task: TaskId = "tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let org = Organization {
            id: "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap(),
            name: Name::parse("Acme").unwrap(),
            status: OrgStatus::Active,
            generation: 1,
            last_generation: 1,
            table: Some("t".into()),
            schema: 1,
            task,
            step: 4,
            closing: None,
            created_by: "usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap(),
            created_at: Timestamp::UNIX_EPOCH,
            machine_key: None,
            maintenance: Maintenance::default(),
        };
        let change = directory.with_organization(Change::silent(), &org, task).unwrap();
        let update = change.writes[0].update.as_ref().unwrap();
        let mut names: Vec<_> = update.expression_attribute_names().unwrap().values().collect();
        names.sort();
        let own = [
            "closing",
            "expires_at",
            "generation",
            "last_generation",
            "schema",
            "status",
            "step",
            "table",
            "task",
        ];
        assert_eq!(names, own);
        assert_eq!(update.condition_expression(), Some("task = :guard AND step = :step"));
        let values = update.expression_attribute_values().unwrap();
        let (place, _) = update
            .expression_attribute_names()
            .unwrap()
            .iter()
            .find(|(_, name)| *name == "step")
            .unwrap();
        let number = |name: &str| values[name].as_n().unwrap().as_str();
        assert_eq!((number(":step"), number(&place.replace('#', ":"))), ("4", "5"));
        assert!(
            update.update_expression().contains("REMOVE"),
            "nothing is left of an end that was called off"
        );
    }
}
