//! An organisation: the tenant. It owns a table and a storage prefix, which a worker sets up and takes down.

use crate::block_files::ArchiveAge;
use crate::journal::PseudonymKey;
use crate::maintenance::Maintenance;
use crate::metadata::Metadata;
use crate::task::{TaskFile, TaskKind};
use crate::text::Name;
use crate::{OrgId, TaskId, UserId};
use jiff::{SignedDuration, Timestamp};
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
    /// It is to be deleted, at a time that it tells. Until then its data can be read and exported and not changed, and an owner can reopen it.
    Closing,
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
            Self::Closing => "closing",
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
        Self::Closing,
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
pub const RESTORABLE: SignedDuration = SignedDuration::from_hours(24 * 35);

fn first_schema() -> u32 {
    1
}

/// What an organisation notes and lays down of itself, kept apart from what every request reads of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The notes.
    pub metadata: Metadata,
    /// After how many days its readings move to files; none for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive_readings_after: Option<ArchiveAge>,
    /// Counts the changes of what is here, and of the name.
    pub version: u64,
}

impl Default for Profile {
    /// That of an organisation of which nothing was ever changed.
    fn default() -> Self {
        Self {
            metadata: Metadata::default(),
            archive_readings_after: None,
            version: 1,
        }
    }
}

/// How long before its end the owners of a closing organisation are told once more.
pub const TOLD_BEFORE: SignedDuration = SignedDuration::from_hours(24 * 3);

/// That an organisation is to be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// When: not before that, and not before its data are exported.
    pub deletes_at: Timestamp,
    /// Who asked for it.
    pub asked_by: String,
    /// Where its data are, once they are exported.
    #[serde(default)]
    pub export: Option<TaskFile>,
}

impl Closing {
    /// Whether the time has come to tell the owners once more.
    pub fn is_soon(&self, now: Timestamp) -> bool {
        now < self.deletes_at && now >= self.deletes_at - TOLD_BEFORE
    }

    /// Whether it may be deleted.
    pub fn is_due(&self, now: Timestamp) -> bool {
        now >= self.deletes_at && self.export.is_some()
    }
}

/// An organisation as the directory knows it: its name, and where it is in its life. The two change apart, each without reading the other over.
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
    /// The task that has its life in hand, the latest: creates, exports to close, deletes, upgrades or restores it.
    pub task: TaskId,
    /// Counts the steps of its life: each is made over the one before.
    #[serde(default)]
    pub step: u64,
    /// What is known of its end, while it is closing or being deleted after that.
    #[serde(default)]
    pub closing: Option<Closing>,
    /// Who asked for it.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// By which its journal tells the addresses of its machines: API keys, devices, machines' sessions. It goes with the organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine_key: Option<PseudonymKey>,
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

    #[test]
    fn a_closing_organisation_is_due_at_its_time_and_once_it_is_exported() {
        let end: Timestamp = "2026-02-01T00:00:00Z".parse().unwrap();
        let second = SignedDuration::from_secs(1);
        let closing = Closing {
            deletes_at: end,
            asked_by: "usr_1".into(),
            export: None,
        };
        assert!(!closing.is_due(end), "not exported yet");
        let file = TaskFile {
            key: "k".into(),
            bytes: 1,
            sha256: "ab".into(),
        };
        let closing = Closing {
            export: Some(file),
            ..closing
        };
        assert!(closing.is_due(end) && !closing.is_due(end - second));
        assert!(closing.is_soon(end - second) && closing.is_soon(end - TOLD_BEFORE));
        assert!(!closing.is_soon(end) && !closing.is_soon(end - TOLD_BEFORE - second));
    }
}
