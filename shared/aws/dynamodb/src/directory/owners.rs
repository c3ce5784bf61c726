//! What keeps an organisation owned. Whatever unmakes an owner names another one, who must still be one when it is written and whose account must
//! stay: of the last two who go at once, by whatever way, one does not.

use super::Directory;
use crate::keys::{self, Key};
use crate::table::unreadable;
use aws_sdk_dynamodb::types::builders::ConditionCheckBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, TransactWriteItem};
use domain::{OrgId, Role, ServiceError, UserId};

/// How many members are read at once.
const LISTED: usize = 100;

impl Directory {
    /// An owner of an organisation other than this person, whose account is not being deleted.
    pub async fn other_owner(&self, org: OrgId, user: UserId) -> Result<Option<UserId>, ServiceError> {
        let mut after = None;
        loop {
            let (members, next) = self.members(org, after, LISTED).await?;
            let owners = members
                .iter()
                .filter(|member| member.role == Role::Owner && member.user != user);
            for owner in owners {
                let state = self.account_state(owner.user).await?;
                if state.is_some_and(|state| state.deleted_by.is_none()) {
                    return Ok(Some(owner.user));
                }
            }
            after = next;
            if after.is_none() {
                return Ok(None);
            }
        }
    }

    /// What makes a change fail unless somebody is an owner of an organisation.
    pub(super) fn is_owner(&self, org: OrgId, owner: UserId) -> Result<TransactWriteItem, ServiceError> {
        let check = self
            .check(&keys::member(org, owner))
            .condition_expression("#role = :owner");
        let check = check.expression_attribute_names("#role", "role");
        let role = AttributeValue::S(Role::Owner.as_str().to_owned());
        let check = check.expression_attribute_values(":owner", role).build();
        Ok(TransactWriteItem::builder()
            .condition_check(check.map_err(unreadable)?)
            .build())
    }

    /// What makes a change fail unless an account stays: it is there, and no task is to delete it.
    pub(super) fn stays(&self, owner: UserId) -> Result<TransactWriteItem, ServiceError> {
        let check = self
            .check(&keys::user(owner))
            .condition_expression("attribute_exists(pk) AND attribute_not_exists(#by)")
            .expression_attribute_names("#by", keys::DELETED_BY)
            .build();
        Ok(TransactWriteItem::builder()
            .condition_check(check.map_err(unreadable)?)
            .build())
    }

    fn check(&self, key: &Key) -> ConditionCheckBuilder {
        let check = ConditionCheck::builder().table_name(&self.table.name);
        check.set_key(Some(key.cells()))
    }
}
