//! Second factors: who signs in with a code beside the password, the hashes of their recovery codes, and the codes that were used.
//!
//! In write units: on, off and renewed 6 each (with the notice), a recovery code used 6, a code of an authenticator 1.

use super::Directory;
use crate::keys;
use crate::table::{to_item, unreadable};
use crate::transaction::{Change, Guard, Refused};
use aws_errors::failed;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use domain::factor::TotpCode;
use domain::task::Task;
use domain::{ServiceError, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How long a code that was used is remembered: longer than Cognito takes it, a step of 30 seconds before and after its own.
const USED_KEPT: SignedDuration = SignedDuration::from_mins(3);

/// Somebody's second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mfa {
    /// Since when signing in asks for a code.
    pub since: Timestamp,
    /// The hashes of the recovery codes that are left.
    #[serde(
        default,
        with = "serde_dynamo::string_set",
        skip_serializing_if = "BTreeSet::is_empty"
    )]
    pub recovery_codes: BTreeSet<String>,
}

#[derive(Serialize)]
struct Used {
    expires_at: i64,
}

impl Directory {
    /// Somebody's second factor; none where the password alone signs them in.
    pub async fn mfa(&self, user: UserId) -> Result<Option<Mfa>, ServiceError> {
        self.table.get(&keys::mfa(user)).await
    }

    /// Notes somebody's second factor, in the place of any before, with the task that tells them.
    pub async fn put_mfa(&self, user: UserId, mfa: &Mfa, notice: &Task) -> Result<(), ServiceError> {
        let change = Change::silent().put(&self.table, &keys::mfa(user), mfa, Guard::None)?;
        Ok(self.with_task(change, notice)?.send(&self.table).await?)
    }

    /// Notes that somebody has a second factor, where that is not known yet: it was switched on, and a crash kept it from being written.
    pub async fn note_mfa(&self, user: UserId, since: Timestamp) -> Result<(), ServiceError> {
        let mfa = Mfa {
            since,
            recovery_codes: BTreeSet::new(),
        };
        self.table.put_new(&keys::mfa(user), &mfa).await.map(drop)
    }

    /// Gives somebody other recovery codes, with the task that tells them; whether they have a second factor.
    pub async fn renew_recovery_codes(
        &self,
        user: UserId,
        hashes: &BTreeSet<String>,
        notice: &Task,
    ) -> Result<bool, ServiceError> {
        let hashes = AttributeValue::Ss(hashes.iter().cloned().collect());
        let update = self.update_mfa(user, "SET recovery_codes = :codes", "attribute_exists(pk)");
        let update = update.expression_attribute_values(":codes", hashes);
        self.change_mfa(update.build().map_err(unreadable)?, notice).await
    }

    /// Uses a recovery code up, with the task that tells its owner; whether it was one. Of two that use it at once, one does.
    pub async fn use_recovery_code(&self, user: UserId, hash: &str, notice: &Task) -> Result<bool, ServiceError> {
        let update = self.update_mfa(user, "DELETE recovery_codes :codes", "contains(recovery_codes, :code)");
        let update = update
            .expression_attribute_values(":codes", AttributeValue::Ss(vec![hash.to_owned()]))
            .expression_attribute_values(":code", AttributeValue::S(hash.to_owned()));
        self.change_mfa(update.build().map_err(unreadable)?, notice).await
    }

    /// Takes somebody's second factor away, with the task that tells them; whether they had one.
    pub async fn remove_mfa(&self, user: UserId, notice: &Task) -> Result<bool, ServiceError> {
        let change = Change::silent().delete(&self.table, &keys::mfa(user), Guard::Present)?;
        self.made(self.with_task(change, notice)?).await
    }

    /// Notes that a code of somebody's authenticator is used; whether it was not yet (RFC 6238 section 5.2: a code counts once).
    pub async fn use_totp_code(&self, user: UserId, code: &TotpCode, now: Timestamp) -> Result<bool, ServiceError> {
        let used = Used {
            expires_at: (now + USED_KEPT).as_second(),
        };
        let put = self.table.client.put_item().table_name(&self.table.name);
        let put = put
            .set_item(Some(to_item(&keys::totp_used(user, code), &used)?))
            .condition_expression("attribute_not_exists(pk) OR expires_at < :now")
            .expression_attribute_values(":now", AttributeValue::N(now.as_second().to_string()));
        match put.send().await.map_err(failed) {
            Ok(_) => Ok(true),
            Err(ServiceError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn update_mfa(
        &self,
        user: UserId,
        expression: &str,
        condition: &str,
    ) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
        let update = Update::builder().table_name(&self.table.name);
        let update = update.set_key(Some(keys::mfa(user).cells()));
        update.update_expression(expression).condition_expression(condition)
    }

    async fn change_mfa(&self, update: Update, notice: &Task) -> Result<bool, ServiceError> {
        let mut change = Change::silent();
        change.writes.push(TransactWriteItem::builder().update(update).build());
        self.made(self.with_task(change, notice)?).await
    }

    /// Commits a change; whether its first condition holds.
    async fn made(&self, change: Change) -> Result<bool, ServiceError> {
        match change.send(&self.table).await {
            Ok(()) => Ok(true),
            Err(Refused::Write(0)) => Ok(false),
            Err(refused) => Err(refused.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::from_item;

    #[test]
    fn a_second_factor_survives_its_row_with_codes_or_without() {
        let user = "usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        for codes in [&["a", "b"][..], &[]] {
            let mfa = Mfa {
                since: Timestamp::UNIX_EPOCH,
                recovery_codes: codes.iter().map(|code| (*code).to_owned()).collect(),
            };
            let item = to_item(&keys::mfa(user), &mfa).unwrap();
            assert!(item.get("recovery_codes").is_none_or(AttributeValue::is_ss));
            assert_eq!(from_item::<Mfa>(item).unwrap(), mfa);
        }
    }
}
