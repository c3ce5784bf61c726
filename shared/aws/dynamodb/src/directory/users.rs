//! People and the sign-ins that are over.

use super::Directory;
use crate::keys;
use crate::table::{Range, Walk, from_item, unreadable};
use aws_errors::failed;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::account::{AccountStatus, Notices, User};
use domain::mail::AddressHash;
use domain::organization::Organization;
use domain::text::{Email, Name};
use domain::{OrgId, Role, ServiceError, TaskId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Most organisations one person can be listed with.
pub(super) const MAX_ORGANIZATIONS: usize = 1000;

#[derive(Serialize)]
struct Revoked {
    expires_at: i64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Owner {
    pub(super) user: UserId,
}

/// What a person's row says beside the person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AccountState {
    /// The person.
    #[serde(flatten)]
    pub user: User,
    /// The task that deletes the account.
    pub deleted_by: Option<TaskId>,
    /// The second up to which, itself included, every sign-in is over.
    pub signed_out_at: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct MembershipRow {
    pub(super) org: OrgId,
    pub(super) role: Role,
}

impl Directory {
    /// Writes the row of somebody who has just signed up, unless there is one.
    pub async fn put_new_user(&self, user: &User) -> Result<(), ServiceError> {
        self.table.put_new(&keys::user(user.id), user).await.map(|_| ())
    }

    /// Notes that somebody's address is confirmed, and whose it is. [`ServiceError::Conflict`]: there is no such person.
    pub async fn activate_user(&self, id: UserId, address: &Email) -> Result<(), ServiceError> {
        // First: the state says from then on that both are written.
        self.put_owner(address, id).await?;
        let active = serde_dynamo::to_attribute_value(AccountStatus::Active).map_err(unreadable)?;
        let update = self.table.client.update_item().table_name(&self.table.name);
        let update = update
            .set_key(Some(keys::user(id).cells()))
            .update_expression("SET #status = :active")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":active", active);
        update.send().await.map(drop).map_err(failed)
    }

    /// Sets what is given of a person's row and leaves the rest, so that two changes at one time both hold. [`ServiceError::Conflict`]:
    /// there is no such person.
    pub async fn update_user(
        &self,
        id: UserId,
        name: Option<&Name>,
        notices: Option<Notices>,
    ) -> Result<(), ServiceError> {
        let mut sets = Vec::new();
        let mut update = self.table.client.update_item().table_name(&self.table.name);
        if let Some(name) = name {
            sets.push("#name = :name");
            update = update.expression_attribute_names("#name", "name");
            let cell = AttributeValue::S(name.as_str().to_owned());
            update = update.expression_attribute_values(":name", cell);
        }
        if let Some(notices) = notices {
            sets.push("notices = :notices");
            let cell = serde_dynamo::to_attribute_value(notices).map_err(unreadable)?;
            update = update.expression_attribute_values(":notices", cell);
        }
        if sets.is_empty() {
            return Ok(());
        }
        let update = update
            .set_key(Some(keys::user(id).cells()))
            .update_expression(format!("SET {}", sets.join(", ")))
            .condition_expression("attribute_exists(pk)");
        update.send().await.map(drop).map_err(failed)
    }

    /// Notes whose a confirmed address is.
    pub async fn put_owner(&self, address: &Email, user: UserId) -> Result<(), ServiceError> {
        let key = keys::address(&AddressHash::of(address));
        self.table.put(&key, &Owner { user }).await
    }

    /// Whose a confirmed address is.
    pub async fn owner(&self, address: &AddressHash) -> Result<Option<UserId>, ServiceError> {
        let owner: Option<Owner> = self.table.get(&keys::address(address)).await?;
        Ok(owner.map(|owner| owner.user))
    }

    /// A person.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, ServiceError> {
        self.table.get(&keys::user(id)).await
    }

    /// Ends a sign-in: from the next request on, none of its tokens is good. The row goes when the last of them has expired.
    pub async fn revoke_session(&self, session: &str, expires_at: Timestamp) -> Result<(), ServiceError> {
        self.table
            .put(
                &keys::revoked_session(session),
                &Revoked {
                    expires_at: expires_at.as_second(),
                },
            )
            .await
    }

    /// Ends every sign-in of a person up to and with this second, but for the one to `keep`: no token of theirs is good from the next request
    /// on. [`ServiceError::Conflict`]: there is no such person.
    pub async fn end_sessions(&self, user: UserId, keep: Option<&str>, at: Timestamp) -> Result<(), ServiceError> {
        let update = self.table.client.update_item().table_name(&self.table.name);
        let update = update
            .set_key(Some(keys::user(user).cells()))
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#at", keys::SIGNED_OUT_AT)
            .expression_attribute_names("#kept", keys::KEPT_SESSION)
            .expression_attribute_values(":at", AttributeValue::N(at.as_second().to_string()));
        let update = match keep {
            None => update.update_expression("SET #at = :at REMOVE #kept"),
            Some(session) => update
                .update_expression("SET #at = :at, #kept = :kept")
                .expression_attribute_values(":kept", AttributeValue::S(session.to_owned())),
        };
        update.send().await.map(drop).map_err(failed)
    }

    /// Whether a person's account is being deleted, and when all their sign-ins were last ended (a second since the epoch).
    pub async fn account_state(&self, user: UserId) -> Result<Option<AccountState>, ServiceError> {
        self.table.get(&keys::user(user)).await
    }

    /// The organisations that a person belongs to, with their role in each.
    pub async fn organizations_of(&self, user: UserId) -> Result<Vec<(Organization, Role)>, ServiceError> {
        let (places, _) = self.organizations_page(user, None, MAX_ORGANIZATIONS).await?;
        Ok(places)
    }

    /// A page of the organisations that a person belongs to, in order of their ids, with the last one's where there may be more.
    pub async fn organizations_page(
        &self,
        user: UserId,
        after: Option<OrgId>,
        limit: usize,
    ) -> Result<(Vec<(Organization, Role)>, Option<OrgId>), ServiceError> {
        let after = after.map(|org| keys::membership(user, org).sk);
        let walk = Walk {
            ascending: true,
            after: after.as_deref(),
            limit,
        };
        let (pk, range) = (keys::user(user).pk, Range::Prefix("ORG#"));
        let (rows, next) = self.table.page(&pk, range, walk, |row: &MembershipRow| row.org).await?;
        let roles: HashMap<_, _> = rows.into_iter().map(|row| (row.org, row.role)).collect();
        let wanted: Vec<_> = roles.keys().map(|org| keys::org(*org)).collect();
        let found = self.table.get_many(&wanted).await?;
        let orgs = found
            .into_iter()
            .map(from_item::<Organization>)
            .collect::<Result<Vec<_>, _>>()?;
        let mut orgs: Vec<_> = orgs
            .into_iter()
            .filter_map(|org| roles.get(&org.id).map(|role| (org, *role)))
            .collect();
        orgs.sort_by_key(|(org, _)| org.id);
        Ok((orgs, next))
    }
}
