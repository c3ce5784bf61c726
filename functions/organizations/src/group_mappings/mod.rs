//! Roles for the groups of identity providers. See [`domain::federation::GroupMapping`] for whom they can concern.

pub mod create;
pub mod delete;
pub mod list;

use domain::federation::{Group, GroupMapping, ProviderName};
use domain::{GroupMappingId, Role};
use jiff::Timestamp;
use serde::Serialize;

/// That a group of an identity provider brings a role.
#[derive(Serialize, utoipa::ToSchema)]
pub struct GroupMappingView {
    id: GroupMappingId,
    provider: ProviderName,
    group: Group,
    role: Role,
    created_at: Timestamp,
}

impl From<GroupMapping> for GroupMappingView {
    fn from(mapping: GroupMapping) -> Self {
        Self {
            id: mapping.id(),
            provider: mapping.provider,
            group: mapping.group,
            role: mapping.role,
            created_at: mapping.created_at,
        }
    }
}
