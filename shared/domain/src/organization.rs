//! An organisation: the tenant. It owns a table and a storage prefix, which a worker sets up and takes down.

use crate::maintenance::Maintenance;
use crate::task::TaskKind;
use crate::text::Name;
use crate::{OrgId, TaskId, UserId};
use serde::{Deserialize, Serialize};

/// Where an organisation is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrgStatus {
    /// Its table is being created.
    Provisioning,
    /// In use.
    Active,
    /// It could not be created, or not be deleted; the task says why. It can be deleted.
    Failed,
    /// Its data are being put back to what they were at a moment; nobody reaches them meanwhile.
    Restoring,
    /// Its data are being deleted.
    Deleting,
    /// Its data are gone; what remains lets its last owner see that the task succeeded.
    Deleted,
}

impl OrgStatus {
    /// The state's name in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Provisioning => "provisioning",
            Self::Active => "active",
            Self::Failed => "failed",
            Self::Restoring => "restoring",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
        }
    }

    /// What an organisation's state is while a task of that kind has it in hand; none where it stays as it is.
    pub fn during(kind: TaskKind) -> Option<Self> {
        match kind {
            TaskKind::CreateOrganization => Some(Self::Provisioning),
            TaskKind::DeleteOrganization => Some(Self::Deleting),
            TaskKind::RestoreOrganization => Some(Self::Restoring),
            _ => None,
        }
    }

    /// Every state there is.
    pub const ALL: &[Self] = &[
        Self::Provisioning,
        Self::Active,
        Self::Failed,
        Self::Restoring,
        Self::Deleting,
        Self::Deleted,
    ];

    /// The state of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.as_str() == text)
    }
}

/// The schema version of `infra/stacks/organization.yaml`: what a new organisation's stack is created with, and the others are upgraded to.
pub const SCHEMA: u32 = 2;

/// How far back an organisation can be restored (AWS "Point-in-time recovery for DynamoDB").
pub const RESTORABLE: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 35);

fn first_schema() -> u32 {
    1
}

/// An organisation as the directory knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Its id.
    pub id: OrgId,
    /// Its name.
    pub name: Name,
    /// Its state.
    pub status: OrgStatus,
    /// Which of its tables is the present one: restoring makes a new generation.
    pub generation: u32,
    /// The latest generation that a restore has begun. Numbers are not given out twice, so that what clears one away finds no other.
    #[serde(default)]
    pub last_generation: u32,
    /// The name of its present table, once there is one.
    pub table: Option<String>,
    /// The schema version of that table's stack.
    #[serde(default = "first_schema")]
    pub schema: u32,
    /// The task that has its life in hand, the latest: creates, deletes, upgrades or restores it.
    pub task: TaskId,
    /// Who asked for it.
    pub created_by: UserId,
    /// When.
    pub created_at: jiff::Timestamp,
    /// Whether it is closed for a while, by its owner or admins.
    #[serde(default, skip_serializing_if = "Maintenance::is_none")]
    pub maintenance: Maintenance,
}

impl Organization {
    /// Its state when no task has it in hand: in use where it has a table.
    pub fn at_rest(&self) -> OrgStatus {
        match self.table {
            Some(_) => OrgStatus::Active,
            None => OrgStatus::Failed,
        }
    }

    /// Every generation that there may be anything of, oldest first.
    pub fn generations(&self) -> std::ops::RangeInclusive<u32> {
        1..=self.generation.max(self.last_generation)
    }

    /// The number of the generation that a restore makes.
    pub fn next_generation(&self) -> u32 {
        self.generations().end() + 1
    }

    /// Whether it is in use on a stack of an older schema than new ones have.
    pub fn is_behind(&self) -> bool {
        self.status == OrgStatus::Active && self.schema < SCHEMA
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_read_back_by_its_name() {
        for status in OrgStatus::ALL {
            assert_eq!(OrgStatus::parse(status.as_str()), Some(*status));
        }
        assert_eq!(OrgStatus::parse("lost"), None);
    }
}
