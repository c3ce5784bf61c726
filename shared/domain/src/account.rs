//! A person's account.

use crate::UserId;
use crate::text::{Email, Name};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where an account is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// The address is not confirmed yet.
    Unconfirmed,
    /// In use.
    Active,
}

/// Which mails a person wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Notices {
    /// When a task of theirs has failed for good.
    pub task_failed: bool,
}

impl Default for Notices {
    /// All of them, until somebody says otherwise.
    fn default() -> Self {
        Self { task_failed: true }
    }
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their address.
    pub email: Email,
    /// Their name.
    pub name: Name,
    /// Where the account is in its life.
    pub status: AccountStatus,
    /// When it was made.
    pub created_at: Timestamp,
    /// Which mails they want; rows older than the choice have none.
    #[serde(default)]
    pub notices: Notices,
}

/// What the owner of an account is told of it by mail, whoever did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountEvent {
    /// Signing in asks for a code from now on.
    MfaOn,
    /// It does no longer.
    MfaOff,
    /// The recovery codes are new ones, and those before are worth nothing.
    RecoveryCodesRenewed,
    /// A recovery code was used up.
    RecoveryCodeUsed,
    /// The password is another one.
    PasswordChanged,
}
