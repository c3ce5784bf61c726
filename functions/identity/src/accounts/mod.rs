//! Accounts.

pub mod confirm;
pub mod create;
pub mod resend;
pub mod unlock;

use domain::UserId;
use domain::account::{AccountStatus, User};
use domain::text::{Email, Name};
use serde::{Deserialize, Serialize};

/// An account as its owner sees it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct AccountView {
    id: UserId,
    email: Email,
    name: Name,
    status: AccountStatus,
}

/// An address.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {
    pub email: Email,
}

impl From<User> for AccountView {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            email: user.email,
            name: user.name,
            status: user.status,
        }
    }
}
