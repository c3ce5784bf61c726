//! Signing in through an identity provider: the provider's name, the groups it tells of, and the roles that organisations give for them.
//!
//! A provider is the deployment's own: whoever deploys names it, and trusts what it says of people. An organisation only says which role a
//! group brings in itself. [`GroupMapping`] tells whom that can concern.

mod attempt;
mod groups;

pub use attempt::{Attempt, Begun, ReturnUrl, SIGN_IN_WITHIN};
pub use groups::{Group, Groups};

use crate::{GroupMappingId, Role};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use ulid::Ulid;

/// Longest name of a provider (Cognito API Reference, "CreateIdentityProvider").
const PROVIDER_CHARS: usize = 32;

/// What a provider is called: 3 to 32 ASCII letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 3, max_length = 32, pattern = "^[A-Za-z0-9-]+$")]
pub struct ProviderName(String);

/// A text that is no provider's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must have 3 to 32 ASCII letters, digits and hyphens")]
pub struct ProviderNameError;

/// How a provider is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// OpenID Connect.
    Oidc,
    /// SAML 2.0.
    Saml,
}

/// That the people of a provider's group are members of an organisation, in a role.
///
/// It brings people into the organisation that made it and nowhere else, and gives them no right over anything of theirs. So that nobody draws
/// others in who have nothing to do with them, only a person whom the provider itself puts into the group can map it: an outsider, or
/// somebody with a password alone, maps nothing. Those drawn in can leave, and members see no more of them than an id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupMapping {
    /// Whose group.
    pub provider: ProviderName,
    /// The group.
    pub group: Group,
    /// What its people become; never owner.
    pub role: Role,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: jiff::Timestamp,
}

impl GroupMapping {
    /// The id, which follows from provider and group: the first 128 bits of their SHA-256.
    pub fn id_of(provider: &ProviderName, group: &Group) -> GroupMappingId {
        let digest = Sha256::digest(format!("{provider}\n{}", group.as_str()).as_bytes());
        let bits = digest
            .iter()
            .take(16)
            .fold(0, |bits, byte| bits << 8 | u128::from(*byte));
        GroupMappingId::from(Ulid(bits))
    }

    /// The id.
    pub fn id(&self) -> GroupMappingId {
        Self::id_of(&self.provider, &self.group)
    }
}

/// The one of two roles that counts where somebody is in the groups of both: the one named first of admin, manager, operator, viewer.
pub fn stronger(one: Role, other: Role) -> Role {
    let rank = |role| Role::ALL.iter().position(|known| *known == role);
    if rank(one) <= rank(other) { one } else { other }
}

impl ProviderName {
    /// Takes a name as somebody typed it.
    pub fn parse(text: &str) -> Result<Self, ProviderNameError> {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let fits = (3..=PROVIDER_CHARS).contains(&text.len());
        (plain && fits).then(|| Self(text.to_owned())).ok_or(ProviderNameError)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ProviderName {
    type Error = ProviderNameError;
    fn try_from(text: String) -> Result<Self, ProviderNameError> {
        Self::parse(&text)
    }
}

impl fmt::Display for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_have_plain_names() {
        assert_eq!(ProviderName::parse("Okta-1").unwrap().as_str(), "Okta-1");
        for wrong in ["", "ab", "a_b", "a b c", "é-okta", &"a".repeat(33)] {
            assert_eq!(ProviderName::parse(wrong), Err(ProviderNameError), "{wrong}");
        }
    }

    #[test]
    fn a_mapping_is_known_by_its_provider_and_group() {
        let of = |provider, group| {
            GroupMapping::id_of(&ProviderName::parse(provider).unwrap(), &Group::parse(group).unwrap()).to_string()
        };
        assert_eq!(of("Okta", "press"), of("Okta", "press"));
        assert_ne!(of("Okta", "press"), of("Okta", "Press"));
        assert_ne!(of("Okta", "press"), of("Entra", "press"));
        assert_eq!(
            of("Okta", "press").parse::<GroupMappingId>().unwrap().to_string(),
            of("Okta", "press")
        );
    }

    #[test]
    fn of_two_roles_the_stronger_counts() {
        assert_eq!(stronger(Role::Viewer, Role::Admin), Role::Admin);
        assert_eq!(stronger(Role::Operator, Role::Viewer), Role::Operator);
        assert_eq!(stronger(Role::Viewer, Role::Viewer), Role::Viewer);
    }
}
