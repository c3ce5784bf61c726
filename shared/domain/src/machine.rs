//! Machines: programs that prove by a signature of AWS's that they are of a role which an organisation has registered.

use crate::text::Name;
use crate::{MachineId, OrgId, Permission};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Longest name of a role (IAM API Reference, "CreateRole").
const LONGEST_ROLE: usize = 64;

/// Why an account or role was not taken; the message says what to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RoleError {
    /// Not the id of an account.
    #[error("must be the 12 digits of an AWS account")]
    Account,
    /// Not the name of a role.
    #[error("must be the name of a role, without its path: 1 to 64 letters, digits and characters of `+=,.@_-`")]
    Name,
}

/// The 12 digits of an AWS account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = "^[0-9]{12}$", examples("123456789012"))]
pub struct AccountId(String);

/// The name of an IAM role, without its path: assumed roles are named without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = "^[A-Za-z0-9+=,.@_-]{1,64}$", examples("press-line-4"))]
pub struct RoleName(String);

/// A role that an organisation has registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Its id.
    pub id: MachineId,
    /// The organisation.
    pub org: OrgId,
    /// What people call it.
    pub name: Name,
    /// The account of the role.
    pub account: AccountId,
    /// The role's name.
    pub role: RoleName,
    /// What its sessions may do.
    pub scopes: Vec<Permission>,
    /// Who registered it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
}

/// The role that signed a request, as API Gateway names it: `arn:aws:sts::123456789012:assumed-role/press-line-4/session`
/// (IAM User Guide, "IAM identifiers": the ARN of an assumed role holds no path).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssumedRole {
    /// The account of the role.
    pub account: AccountId,
    /// The role's name.
    pub role: RoleName,
}

impl TryFrom<String> for AccountId {
    type Error = RoleError;
    fn try_from(text: String) -> Result<Self, RoleError> {
        let digits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then_some(Self(text)).ok_or(RoleError::Account)
    }
}

impl TryFrom<String> for RoleName {
    type Error = RoleError;
    fn try_from(text: String) -> Result<Self, RoleError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte);
        let fits = (1..=LONGEST_ROLE).contains(&text.len()) && text.bytes().all(plain);
        fits.then_some(Self(text)).ok_or(RoleError::Name)
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Somebody who signed, and who is no assumed role: a user, the account itself, a federated guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an assumed role")]
pub struct NotARole;

impl FromStr for AssumedRole {
    type Err = NotARole;
    fn from_str(arn: &str) -> Result<Self, NotARole> {
        let parts: Vec<_> = arn.split(':').collect();
        let [scheme, _partition, service, region, account, resource] = parts[..] else {
            return Err(NotARole);
        };
        let resource: Vec<_> = resource.split('/').collect();
        let [kind, role, session] = resource[..] else {
            return Err(NotARole);
        };
        if (scheme, service, region, kind) != ("arn", "sts", "", "assumed-role") || session.is_empty() {
            return Err(NotARole);
        }
        Ok(Self {
            account: account.to_owned().try_into().map_err(|_| NotARole)?,
            role: role.to_owned().try_into().map_err(|_| NotARole)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assumed_role_is_read_and_nobody_else_passes_for_one() {
        for partition in ["aws", "aws-cn", "aws-us-gov"] {
            let arn = format!("arn:{partition}:sts::123456789012:assumed-role/press-line_4/i-0abc@x");
            let role: AssumedRole = arn.parse().unwrap();
            assert_eq!(
                (role.account.to_string(), role.role.to_string()),
                ("123456789012".into(), "press-line_4".into())
            );
        }
        for wrong in [
            "",
            "arn:aws:iam::123456789012:role/press",
            "arn:aws:iam::123456789012:user/ada",
            "arn:aws:iam::123456789012:root",
            "arn:aws:sts::123456789012:federated-user/ada",
            "arn:aws:sts::123456789012:assumed-role/press",
            "arn:aws:sts::123456789012:assumed-role/press/",
            "arn:aws:sts::123456789012:assumed-role//session",
            "arn:aws:sts::123456789012:assumed-role/path/press/session",
            "arn:aws:sts::12345678901:assumed-role/press/session",
            "arn:aws:sts::123456789012:assumed-role/press/session:x",
            "arn:aws:sts:eu-west-1:123456789012:assumed-role/press/session",
            "xarn:aws:sts::123456789012:assumed-role/press/session",
        ] {
            assert_eq!(wrong.parse::<AssumedRole>(), Err(NotARole), "{wrong}");
        }
    }

    #[test]
    fn accounts_and_roles_are_what_aws_lets_them_be() {
        assert!(AccountId::try_from("000000000000".to_owned()).is_ok());
        for wrong in [
            "",
            "12345678901",
            "1234567890123",
            "12345678901a",
            "１２３４５６７８９０１２",
        ] {
            assert_eq!(
                AccountId::try_from(wrong.to_owned()),
                Err(RoleError::Account),
                "{wrong}"
            );
        }
        for wrong in ["", "a/b", "a#b", "a b", &"a".repeat(65)] {
            assert_eq!(RoleName::try_from(wrong.to_owned()), Err(RoleError::Name), "{wrong}");
        }
    }
}
