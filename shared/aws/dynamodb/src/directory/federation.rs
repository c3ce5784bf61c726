//! Sign-ins through identity providers: those under way, who they brought, and what organisations give for the providers' groups.
//!
//! In write units: begun 1, taken 1, recorded 6 with its task; a mapping 4 and its journal entry; a member by it 4 and the entry.

use super::Directory;
use super::members::Member;
use crate::table::{Range, Walk, from_item};
use crate::transaction::{Change, Guard, Refused};
use crate::{OrgTable, keys};
use aws_errors::failed;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::federation::{Begun, GroupMapping, Groups, ProviderName};
use domain::mail::AddressHash;
use domain::task::Task;
use domain::text::Email;
use domain::{GroupMappingId, OrgId, Role, ServiceError, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Somebody who signs in through a provider, as it told of them at their latest sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Federated {
    /// The provider.
    pub provider: ProviderName,
    /// What Cognito calls them; it does not know such people by their `sub` alone (Cognito API Reference, "AdminUserGlobalSignOut").
    pub username: String,
    /// Their groups.
    pub groups: Groups,
    /// When that was.
    pub signed_in_at: Timestamp,
}

/// A mapping, seen from its group.
#[derive(Serialize, Deserialize)]
struct Mapped {
    org: OrgId,
    role: Role,
}

impl Directory {
    /// Notes a sign-in that has begun.
    pub async fn begin_sign_in(&self, state: &str, begun: &Begun) -> Result<(), ServiceError> {
        self.table.put(&keys::sign_in(state), begun).await
    }

    /// Takes a sign-in that was begun, if it still counts: whoever comes second finds nothing.
    pub async fn take_sign_in(&self, state: &str, now: Timestamp) -> Result<Option<Begun>, ServiceError> {
        let delete = self.table.client.delete_item().table_name(&self.table.name);
        let delete = delete
            .set_key(Some(keys::sign_in(state).cells()))
            .return_values(ReturnValue::AllOld);
        let taken: Option<Begun> = delete
            .send()
            .await
            .map_err(failed)?
            .attributes
            .map(from_item)
            .transpose()?;
        Ok(taken.filter(|begun| begun.expires_at > now.as_second()))
    }

    /// Notes whose a confirmed address is, unless it is somebody else's ([`ServiceError::Conflict`]).
    pub async fn claim_address(&self, address: &Email, user: UserId) -> Result<(), ServiceError> {
        let put = self.table.client.put_item().table_name(&self.table.name);
        let put = put.set_item(Some(crate::table::to_item(
            &keys::address(&AddressHash::of(address)),
            &super::users::Owner { user },
        )?));
        let put = put
            .condition_expression("attribute_not_exists(pk) OR #user = :user")
            .expression_attribute_names("#user", "user")
            .expression_attribute_values(":user", AttributeValue::S(user.to_string()));
        put.send().await.map(drop).map_err(failed)
    }

    /// Notes what a provider told of somebody, with the task that brings their memberships in line with it.
    pub async fn record_sign_in(&self, user: UserId, told: &Federated, task: &Task) -> Result<(), ServiceError> {
        let change = Change::silent().put(&self.table, &keys::federated(user), told, Guard::None)?;
        Ok(self.with_task(change, task)?.send(&self.table).await?)
    }

    /// What a provider told of somebody at their latest sign-in; none for whoever has a password.
    pub async fn federated(&self, user: UserId) -> Result<Option<Federated>, ServiceError> {
        self.table.get(&keys::federated(user)).await
    }

    /// Stores a new mapping. `Refused::Write(0)`: the group is mapped already.
    pub async fn create_group_mapping(
        &self,
        table: &OrgTable,
        change: Change,
        mapping: &GroupMapping,
    ) -> Result<(), Refused> {
        let (org, id) = (table.org(), mapping.id());
        let mapped = Mapped {
            org,
            role: mapping.role,
        };
        let change = change
            .put(&self.table, &keys::group_mapping(org, id), mapping, Guard::Absent)?
            .put(&self.table, &keys::group_mapped(id, org), &mapped, Guard::None)?;
        table.commit(change).await
    }

    /// One mapping.
    pub async fn group_mapping(&self, org: OrgId, id: GroupMappingId) -> Result<Option<GroupMapping>, ServiceError> {
        self.table.get(&keys::group_mapping(org, id)).await
    }

    /// The mappings of an organisation, a page of them after `after`.
    pub async fn group_mappings(
        &self,
        org: OrgId,
        after: Option<GroupMappingId>,
        limit: usize,
    ) -> Result<(Vec<GroupMapping>, Option<GroupMappingId>), ServiceError> {
        let after = after.map(|id| keys::group_mapping(org, id).sk);
        let walk = Walk {
            ascending: true,
            after: after.as_deref(),
            limit,
        };
        let range = Range::Prefix(keys::GROUP_MAPPING_PREFIX);
        self.table.page(&keys::org(org).pk, range, walk, GroupMapping::id).await
    }

    /// Takes a mapping away. `Refused::Write(0)`: there is none.
    pub async fn delete_group_mapping(
        &self,
        table: &OrgTable,
        change: Change,
        id: GroupMappingId,
    ) -> Result<(), Refused> {
        let org = table.org();
        let change = change
            .delete(&self.table, &keys::group_mapping(org, id), Guard::Present)?
            .delete(&self.table, &keys::group_mapped(id, org), Guard::None)?;
        table.commit(change).await
    }

    /// The organisations that give a role for a group, at most `limit` of them.
    pub async fn roles_for_group(&self, id: GroupMappingId, limit: usize) -> Result<Vec<(OrgId, Role)>, ServiceError> {
        let walk = Walk {
            ascending: true,
            after: None,
            limit,
        };
        let found = self.table.query(&keys::group(id), Range::All, walk).await?;
        Ok(found
            .items
            .into_iter()
            .map(|Mapped { org, role }| (org, role))
            .collect())
    }

    /// Makes somebody a member. `Refused::Write(0)`: they are one.
    pub async fn join_by_group(&self, table: &OrgTable, change: Change, member: &Member) -> Result<(), Refused> {
        table.commit(self.add_member(change, member)?).await
    }

    /// Gives a member by a group another role. `Refused::Write(0)`: they are no longer a member by a group in the role before.
    pub async fn change_by_group(
        &self,
        table: &OrgTable,
        change: Change,
        member: &Member,
        before: Role,
    ) -> Result<(), Refused> {
        let Member { org, user, .. } = *member;
        let change = change
            .put(
                &self.table,
                &keys::membership(user, org),
                member,
                Guard::ByGroup(before),
            )?
            .put(&self.table, &keys::member(org, user), member, Guard::None)?;
        table.commit(change).await
    }

    /// Ends a membership by a group. `Refused::Write(0)`: it is not what it was any more.
    pub async fn leave_by_group(&self, table: &OrgTable, change: Change, member: &Member) -> Result<(), Refused> {
        let Member { org, user, role, .. } = *member;
        let change = change
            .delete(&self.table, &keys::membership(user, org), Guard::ByGroup(role))?
            .delete(&self.table, &keys::member(org, user), Guard::None)?;
        table.commit(change).await
    }
}
