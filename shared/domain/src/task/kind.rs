//! The kinds of tasks with a row, and the rules of each: how often, how long, which errors, who may retry or call off.
//!
//! To add one: a line in `kinds!`, its rules in [`TaskKind::policy`], and its job in `functions/aws-worker/src/jobs/`, whose docs name its idempotency.

use crate::{Permission, ServiceError};
use jiff::SignedDuration;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $text:literal;)*) => {
        /// What a task with a row does.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum TaskKind {
            $($(#[$doc])* $name,)*
        }

        impl TaskKind {
            /// Every kind there is.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The kind's name in the contract, as in `organization.create`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

kinds! {
    /// Create an organisation's stack and open the organisation.
    CreateOrganization "organization.create";
    /// Delete an organisation's stack, storage and directory rows.
    DeleteOrganization "organization.delete";
    /// Bring an organisation's stack to the present template, one schema version at a time.
    UpgradeOrganization "organization.upgrade";
    /// Put an organisation's data back to what they were at a moment, in a new generation of its table.
    RestoreOrganization "organization.restore";
    /// Delete a generation of an organisation's table that is no longer its present one, or never became it.
    ClearGeneration "organization.clear_generation";
    /// Write all that an organisation has to a file for download.
    ExportOrganization "organization.export";
    /// Delete what a deleted device has left: its streams, blocks and events.
    PurgeDevice "device.purge";
    /// Make few large blocks of the many small ones that an organisation's readings lie in.
    CompactReadings "readings.compact";
    /// Write readings of a device to a file for download.
    ExportReadings "readings.export";
    /// Take the readings of a deleted range out of the blocks that they lie in.
    DeleteReadings "readings.delete";
    /// Copy the readings of a range of a stream into another stream.
    CopyReadings "readings.copy";
    /// Write an organisation's journal, or a part of it, to a file for download, closed by a signed head.
    ExportJournal "journal.export";
    /// Do one action that a transition of a stream filter asks for.
    ActOnFilter "filter.act";
    /// Tell whoever asked for a task, and staff, that it failed for good.
    TellFailure "notice.task_failed";
    /// Tell those who run an organisation that devices of theirs fell silent or came back.
    TellDevices "notice.devices";
    /// Tell those who run an organisation that readings of theirs are dated in the future.
    TellReadings "notice.readings";
    /// Tell the owner of an address that somebody tries passwords there, with a link that unlocks it.
    TellLockout "notice.locked_out";
    /// Tell the owner of an address that somebody signed up with it again.
    TellSignUp "notice.sign_up";
    /// Mail a token to the address that somebody wants for theirs, and tell the one they have.
    TellEmailChange "notice.email_change";
    /// Bring somebody's memberships in line with the groups that their identity provider tells.
    SyncGroups "member.sync_groups";
    /// Make somebody a member of the organisation that has the domain of their address.
    EnrolMember "member.enrol";
    /// Look for the record that proves that a domain is an organisation's.
    VerifyDomain "domain.verify";
    /// Tell those who run an organisation that a domain's record is missing, or that the domain is theirs no more.
    TellDomain "notice.domain";
    /// Tell somebody what was done with their account: a second factor, a recovery code, another password.
    TellAccount "notice.account";
    /// Delete an account: memberships, keys, sessions, and all that is known of the person.
    DeleteAccount "account.delete";
    /// Tell the owners of an organisation that it is closing, and when it will be deleted.
    TellClosing "notice.closing";
    /// Mail an invitation's link to the address that is invited.
    TellInvitation "notice.invitation";
    /// Have those closing organisations deleted whose time has come, and tell the owners of those whose time is near.
    CloseOrganizations "system.close_organizations";
    /// Look for the records of all verified domains.
    CheckDomains "system.check_domains";
    /// Upgrade every organisation whose stack is behind, a few at a time.
    UpgradeOrganizations "system.upgrade_organizations";
    /// Look at every device's state, and tell of those that fell silent or came back.
    CheckDevices "system.check_devices";
    /// Tell of streams with readings dated in the future.
    CheckReadings "system.check_readings";
    /// Have the readings of every organisation compacted.
    CompactOrganizations "system.compact_readings";
    /// Gather the day's figures of tables and workers.
    GatherStatistics "system.gather_statistics";
    /// Read what AWS has billed this month and the last.
    GatherCosts "system.gather_costs";
}

/// Which failures are worth another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retries {
    /// Every failed call: what is refused now (a permission on its way through IAM, a stack that is busy) may be granted in a minute.
    EveryFailure,
    /// What is throttled, timed out or contended; what is refused stays refused.
    Busy,
}

/// Until when a task can be called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallOff {
    /// Whenever it has not ended: what is done so far harms nobody.
    AnyTime,
    /// Only before its first attempt: half of it would be worse than either.
    BeforeItBegins,
}

/// The rules of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// After so many failed attempts it has failed for good.
    pub attempts: u32,
    /// One that takes longer has gone wrong in a way that no attempt sees.
    pub deadline: SignedDuration,
    /// Which failures are tried again.
    pub retries: Retries,
    /// Until when it can be called off.
    pub call_off: CallOff,
    /// What a member needs to retry it or call it off; none for the system's own.
    pub permission: Option<Permission>,
}

impl TaskKind {
    /// The kind of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }

    /// The kind's rules.
    pub fn policy(self) -> Policy {
        let life = Policy {
            attempts: super::MAX_ATTEMPTS,
            deadline: SignedDuration::from_hours(1),
            retries: Retries::EveryFailure,
            call_off: CallOff::BeforeItBegins,
            permission: Some(Permission::OrgDelete),
        };
        let system = Policy {
            retries: Retries::Busy,
            call_off: CallOff::AnyTime,
            permission: None,
            ..life
        };
        match self {
            Self::CreateOrganization | Self::DeleteOrganization => life,
            // Copying a table takes as long as the table is large.
            Self::RestoreOrganization => Policy {
                deadline: SignedDuration::from_hours(24 * 3),
                ..life
            },
            // It may be asked for a week ahead.
            Self::ClearGeneration => Policy {
                deadline: SignedDuration::from_hours(24 * 14),
                call_off: CallOff::AnyTime,
                ..life
            },
            // Longer than a restore, which it waits for.
            Self::PurgeDevice => Policy {
                deadline: SignedDuration::from_hours(24 * 4),
                call_off: CallOff::AnyTime,
                permission: Some(Permission::FleetWrite),
                ..system
            },
            // The same. Once it has begun readings are gone, and half a deletion helps nobody.
            Self::DeleteReadings => Policy {
                deadline: SignedDuration::from_hours(24 * 4),
                permission: Some(Permission::FleetWrite),
                call_off: CallOff::BeforeItBegins,
                ..system
            },
            // Through all of it, which waits for a restore only so long as somebody still wants it.
            Self::ExportJournal => Policy {
                deadline: SignedDuration::from_hours(12),
                permission: Some(Permission::JournalExport),
                ..system
            },
            // The same, of streams.
            Self::ExportReadings => Policy {
                deadline: SignedDuration::from_hours(12),
                permission: Some(Permission::TelemetryRead),
                ..system
            },
            // The same; what is copied stays.
            Self::CopyReadings => Policy {
                deadline: SignedDuration::from_hours(12),
                permission: Some(Permission::TelemetryWrite),
                ..system
            },
            // As long as the organisation is large.
            Self::ExportOrganization => Policy {
                deadline: SignedDuration::from_hours(24 * 3),
                call_off: CallOff::AnyTime,
                permission: Some(Permission::OrgExport),
                ..life
            },
            // Mail that comes days later helps nobody.
            Self::TellFailure
            | Self::TellDevices
            | Self::TellReadings
            | Self::TellClosing
            | Self::TellInvitation
            | Self::TellLockout
            | Self::TellSignUp
            | Self::TellEmailChange
            | Self::TellDomain
            | Self::TellAccount => Policy {
                deadline: SignedDuration::from_hours(24),
                attempts: 8,
                ..system
            },
            // A receiver that is down for an hour still hears of it; a day later nobody is helped.
            Self::ActOnFilter => Policy {
                deadline: SignedDuration::from_hours(24),
                attempts: 12,
                permission: Some(Permission::FleetWrite),
                ..system
            },
            // Longer than a restore, which an organisation of theirs may be in.
            Self::SyncGroups | Self::EnrolMember => Policy {
                deadline: SignedDuration::from_hours(24 * 4),
                ..system
            },
            // The same; whoever manages members asks for it.
            Self::VerifyDomain => Policy {
                deadline: SignedDuration::from_hours(24 * 4),
                permission: Some(Permission::MemberManage),
                ..system
            },
            Self::UpgradeOrganization => Policy {
                permission: None,
                ..life
            },
            // Longer than a restore, which it waits for. Half an account helps nobody: once begun, it is gone through with.
            Self::DeleteAccount => Policy {
                deadline: SignedDuration::from_hours(24 * 4),
                attempts: 10,
                retries: Retries::EveryFailure,
                call_off: CallOff::BeforeItBegins,
                ..system
            },
            // As long as it takes to go through all of them.
            Self::UpgradeOrganizations => Policy {
                deadline: SignedDuration::from_hours(24 * 7),
                ..system
            },
            // Shorter than their periods: of two rounds at one time each would tell of the same.
            Self::CheckDevices => Policy {
                deadline: SignedDuration::from_mins(25),
                ..system
            },
            Self::CheckReadings => Policy {
                deadline: SignedDuration::from_mins(55),
                ..system
            },
            // Through every organisation's row; the next day's goes on with what this one leaves.
            Self::CloseOrganizations => Policy {
                deadline: SignedDuration::from_hours(12),
                ..system
            },
            // Through every verified domain; the next day's goes on with what this one leaves.
            Self::CheckDomains => Policy {
                deadline: SignedDuration::from_hours(12),
                ..system
            },
            // The next day's goes on with what this one leaves.
            Self::CompactOrganizations | Self::CompactReadings => Policy {
                deadline: SignedDuration::from_hours(20),
                ..system
            },
            // Through every organisation's table.
            Self::GatherStatistics => Policy {
                deadline: SignedDuration::from_hours(12),
                retries: Retries::EveryFailure,
                ..system
            },
            // The next day's reads the same, and a day more.
            Self::GatherCosts => Policy {
                deadline: SignedDuration::from_hours(12),
                ..system
            },
        }
    }

    /// Whether an attempt that failed so is worth another.
    pub fn retries(self, error: &ServiceError) -> bool {
        match self.policy().retries {
            Retries::EveryFailure => true,
            Retries::Busy => !matches!(error, ServiceError::Failed(_)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_back_by_its_name() {
        for kind in TaskKind::ALL {
            assert_eq!(TaskKind::parse(kind.as_str()), Some(*kind));
            assert!(kind.policy().attempts > 0);
        }
        assert_eq!(TaskKind::parse("no.such"), None);
    }
}
