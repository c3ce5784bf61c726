//! Changes of somebody's address: asked for, confirmed with a token mailed to the new address, then made.
//!
//! In write units: asked 6 (with its notice), a link 1, the change 8.

use super::Directory;
use crate::keys;
use crate::table::unreadable;
use crate::transaction::{Change, Guard, Refused};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use domain::account::User;
use domain::credential::{Token, TokenHash};
use domain::mail::AddressHash;
use domain::task::Task;
use domain::text::Email;
use domain::{ServiceError, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a new address can be confirmed.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// An address that somebody wants for theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailWish {
    /// The address.
    pub email: Email,
    /// When they said so.
    pub asked_at: Timestamp,
    /// Until when it can be confirmed (Unix seconds; DynamoDB time to live).
    pub expires_at: i64,
}

#[derive(Serialize, Deserialize)]
struct Link {
    hash: TokenHash,
    #[serde(flatten)]
    wish: EmailWish,
}

impl EmailWish {
    /// A wish of now.
    pub fn new(email: Email, now: Timestamp) -> Self {
        Self {
            email,
            asked_at: now,
            expires_at: (now + KEPT).as_second(),
        }
    }

    fn holds(&self, now: Timestamp) -> bool {
        self.expires_at > now.as_second()
    }
}

impl Directory {
    /// Notes somebody's wish for another address, in the place of any before, with the task that mails both addresses.
    pub async fn wish_email(&self, user: UserId, wish: &EmailWish, task: &Task) -> Result<(), ServiceError> {
        let change = Change::silent().put(&self.table, &keys::email_wish(user), wish, Guard::None)?;
        Ok(self.with_task(change, task)?.send(&self.table).await?)
    }

    /// The address that somebody wants for theirs.
    pub async fn email_wish(&self, user: UserId, now: Timestamp) -> Result<Option<EmailWish>, ServiceError> {
        let wish: Option<EmailWish> = self.table.get(&keys::email_wish(user)).await?;
        Ok(wish.filter(|wish| wish.holds(now)))
    }

    /// Stores the hash of a token that proves that somebody reads the mail of the address they want, in the place of any before.
    pub async fn put_email_link(&self, user: UserId, token: &Token, wish: &EmailWish) -> Result<(), ServiceError> {
        let link = Link {
            hash: token.hash(),
            wish: wish.clone(),
        };
        self.table.put(&keys::email_link(user), &link).await
    }

    /// The address that a token proves.
    pub async fn email_link(
        &self,
        user: UserId,
        token: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<Email>, ServiceError> {
        let link: Option<Link> = self.table.get(&keys::email_link(user)).await?;
        let good = link.filter(|link| link.wish.holds(now) && token.matches(&link.hash));
        Ok(good.map(|link| link.wish.email))
    }

    /// Gives somebody another address, by a token where it was `confirmed` with one. The token stays good until the end of this, so that what a crash cut in two can be asked for again.
    /// [`ServiceError::Conflict`]: there is no such person.
    pub async fn change_email(&self, user: &User, email: &Email, confirmed: bool) -> Result<(), ServiceError> {
        let owner = super::users::Owner { user: user.id };
        let mut change = Change::silent();
        change.writes.push(self.set_email(user.id, email)?);
        change = change
            .put(
                &self.table,
                &keys::address(&AddressHash::of(email)),
                &owner,
                Guard::None,
            )?
            .delete(&self.table, &keys::address(&AddressHash::of(&user.email)), Guard::None)?;
        if confirmed {
            change = change.delete(&self.table, &keys::email_link(user.id), Guard::None)?;
        }
        match change.send(&self.table).await {
            Err(Refused::Write(_)) => Err(ServiceError::Conflict),
            Err(Refused::Service(error)) => Err(error),
            Ok(()) => Ok(()),
        }
    }

    fn set_email(&self, user: UserId, email: &Email) -> Result<TransactWriteItem, ServiceError> {
        let update = Update::builder()
            .table_name(&self.table.name)
            .set_key(Some(keys::user(user).cells()))
            .update_expression("SET email = :email")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":email", AttributeValue::S(email.as_str().to_owned()));
        let update = update.build().map_err(unreadable)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}
