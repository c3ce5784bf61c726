//! Tries of passwords: one row an address, each write made over the revision before, so that tries at one moment are counted one by one.
//!
//! In write units: a try reserved 1, a right password 1 more, a wrong one none, one that is refused none; a row of tries from more than
//! about ten networks takes 2 or 3 at a time. A link that unlocks 1, its use 4. Rows go by themselves after a day.

use super::Directory;
use crate::keys;
use crate::table::to_item;
use crate::transaction::{Change, Guard, Refused};
use aws_errors::failed;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::credential::{Token, TokenHash};
use domain::lockout::{Attempts, Network, Reserved, Wait};
use domain::mail::AddressHash;
use domain::{ServiceError, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How often a write is made over another's. Whoever loses finds one more try counted, and there are only so many before all have to wait.
const ROUNDS: u32 = 16;
/// How long a link that unlocks is good: as long as what it unlocks is locked at most.
const LINK_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// What became of a try that was reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// The password was right, and whatever was asked beside it: in so many tries.
    Right(u32),
    /// Nobody looked at the password.
    Nothing,
}

#[derive(Serialize, Deserialize)]
struct Link {
    hash: TokenHash,
    expires_at: i64,
}

impl Directory {
    /// Reserves a try before the password is looked at, or says how long to wait. A try that is not settled counts as wrong.
    pub async fn reserve_try(
        &self,
        address: &AddressHash,
        from: &Network,
        now: Timestamp,
    ) -> Result<Result<Reserved, Wait>, ServiceError> {
        for _ in 0..ROUNDS {
            let stored: Option<Attempts> = self.table.get(&keys::attempts(address)).await?;
            let over = stored.as_ref().map(|attempts| attempts.revision);
            let reserved = match Attempts::reserve(stored, from, now) {
                Ok(reserved) => reserved,
                Err(wait) => return Ok(Err(wait)),
            };
            if self.save_tries(address, over, Some(&reserved.attempts)).await? {
                return Ok(Ok(reserved));
            }
        }
        Err(ServiceError::Busy("too many tries of one password at once".to_owned()))
    }

    /// Notes what became of a try. `reserved` is what reserving it stored.
    pub async fn settle_try(
        &self,
        (address, from): (&AddressHash, &Network),
        reserved: Attempts,
        tried: Tried,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let mut stored = Some(reserved);
        for _ in 0..ROUNDS {
            let Some(attempts) = stored else { return Ok(()) };
            let over = attempts.revision;
            let next = match tried {
                Tried::Right(own) => attempts.right(from, own, now),
                Tried::Nothing => attempts.given_back(from, now),
            };
            if self.save_tries(address, Some(over), next.as_ref()).await? {
                return Ok(());
            }
            stored = self.table.get(&keys::attempts(address)).await?;
        }
        Err(ServiceError::Busy("too many tries of one password at once".to_owned()))
    }

    /// Writes the tries over a revision, or deletes them; whether nobody was faster.
    async fn save_tries(
        &self,
        address: &AddressHash,
        over: Option<u64>,
        next: Option<&Attempts>,
    ) -> Result<bool, ServiceError> {
        let key = keys::attempts(address);
        let condition = over.map_or("attribute_not_exists(pk)", |_| "revision = :over");
        let value = over.map(|revision| AttributeValue::N(revision.to_string()));
        let values = value.map(|value| [(":over".to_owned(), value)].into());
        let client = &self.table.client;
        let written = match next {
            Some(attempts) => {
                let put = client
                    .put_item()
                    .table_name(&self.table.name)
                    .condition_expression(condition);
                let put = put
                    .set_item(Some(to_item(&key, attempts)?))
                    .set_expression_attribute_values(values);
                put.send().await.map(drop).map_err(failed)
            }
            None => {
                let delete = client
                    .delete_item()
                    .table_name(&self.table.name)
                    .condition_expression(condition);
                let delete = delete
                    .set_key(Some(key.cells()))
                    .set_expression_attribute_values(values);
                delete.send().await.map(drop).map_err(failed)
            }
        };
        match written {
            Ok(()) => Ok(true),
            Err(ServiceError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Forgets every try at an address: sign-in is unlocked.
    pub async fn unlock(&self, address: &AddressHash) -> Result<(), ServiceError> {
        let delete = self.table.client.delete_item().table_name(&self.table.name);
        let delete = delete.set_key(Some(keys::attempts(address).cells()));
        delete.send().await.map(drop).map_err(failed)
    }

    /// Stores the hash of a token that unlocks somebody's sign-in once, in the place of any before.
    pub async fn put_unlock_link(&self, user: UserId, token: &Token, now: Timestamp) -> Result<(), ServiceError> {
        let link = Link {
            hash: token.hash(),
            expires_at: (now + LINK_KEPT).as_second(),
        };
        self.table.put(&keys::unlock_link(user), &link).await
    }

    /// Uses a token up and unlocks the sign-in of its owner; whether it was good. `address` is the owner's.
    pub async fn use_unlock_link(
        &self,
        user: UserId,
        hash: &TokenHash,
        address: &AddressHash,
        now: Timestamp,
    ) -> Result<bool, ServiceError> {
        let link = keys::unlock_link(user);
        let stored: Option<Link> = self.table.get(&link).await?;
        let good = |link: &Link| link.expires_at > now.as_second() && hash.matches(&link.hash);
        if !stored.is_some_and(|link| good(&link)) {
            return Ok(false);
        }
        let change = Change::silent().delete(&self.table, &link, Guard::Present)?.delete(
            &self.table,
            &keys::attempts(address),
            Guard::None,
        )?;
        match change.send(&self.table).await {
            Ok(()) => Ok(true),
            Err(Refused::Write(_)) => Ok(false),
            Err(Refused::Service(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::from_item;

    #[test]
    fn tries_survive_their_row() {
        let (now, from) = (Timestamp::from_second(1_767_323_045).unwrap(), Network::unknown());
        let first = Attempts::reserve(None, &from, now).unwrap().attempts;
        let second = Attempts::reserve(Some(first), &from, now).unwrap().attempts;
        let right = second.right(&from, 1, now).unwrap();
        let address = AddressHash::of(&domain::text::Email::parse("ada@example.com").unwrap());
        let item = to_item(&keys::attempts(&address), &right).unwrap();
        assert!(!format!("{item:?}").contains("ada@"));
        assert_eq!(from_item::<Attempts>(item).unwrap(), right);
    }
}
