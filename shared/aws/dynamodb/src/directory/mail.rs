//! Mail: addresses that take none any more, and which notices went out.
//!
//! SES has no idempotency token, so a notice is claimed before it is mailed, and whoever mails it follows these steps:
//!
//! 1. [`Directory::claim_notice`]. [`Claim::Sent`]: done. [`Claim::Sending`]: somebody is at it, look again after a while.
//! 2. [`Claim::Claimed`]: send it, now and once (`aws_ses::Mailer::send`).
//! 3. Sent: [`Directory::notice_sent`]. Refused for certain: [`Directory::release_notice`], so that the next attempt need not wait. No
//!    answer: neither.
//!
//! A crash or a lost answer between 2 and 3 leaves the claim as it is. If the mail went out, SES's `Send` event says so within seconds
//! (`functions/mail-feedback` calls [`Directory::notice_sent`]); if nothing has said so after [`CLAIM`], the next to claim the notice gets
//! it and sends it again.

use super::Directory;
use crate::keys;
use crate::table::{from_item, to_item};
use aws_errors::failed;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use domain::ServiceError;
use domain::mail::{AddressHash, MailState, NoticeId};
use domain::text::Email;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a claim holds: longer than a worker lives and than SES takes to tell that it has a mail.
pub const CLAIM: SignedDuration = SignedDuration::from_mins(5);
/// How long it is known that a notice went out: longer than anything that might send it again.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// That an address takes no more mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailMark {
    /// Why.
    pub state: MailState,
    /// Since when.
    pub at: Timestamp,
}

/// What became of the wish to send a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It is the caller's to send, until [`CLAIM`] is over.
    Claimed,
    /// Somebody has claimed it, and it is not known yet whether it went out.
    Sending {
        /// When.
        since: Timestamp,
    },
    /// It went out.
    Sent {
        /// When.
        at: Timestamp,
    },
}

/// A notice's row. Times are milliseconds since the epoch, so that a condition can compare them.
#[derive(Serialize, Deserialize)]
struct Row {
    since: i64,
    sent: Option<i64>,
    expires_at: i64,
}

impl Row {
    fn claim(&self) -> Claim {
        let time = |millis| Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH);
        match self.sent {
            Some(sent) => Claim::Sent { at: time(sent) },
            None => Claim::Sending {
                since: time(self.since),
            },
        }
    }
}

impl Directory {
    /// Stops mail to an address. The first mark of a kind stays, and a complaint outweighs a bounce, in whichever order they come.
    pub async fn mark_mail(&self, address: &AddressHash, state: MailState, at: Timestamp) -> Result<(), ServiceError> {
        let item = to_item(&keys::mail_mark(address), &MailMark { state, at })?;
        let put = self.table.client.put_item().table_name(&self.table.name);
        let put = put.set_item(Some(item));
        let put = match state {
            MailState::Bounced => put.condition_expression("attribute_not_exists(pk)"),
            MailState::Complained => put
                .condition_expression("attribute_not_exists(pk) OR #state = :bounced")
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":bounced", AttributeValue::S("bounced".into())),
        };
        unless_conflict(put.send().await.map(drop).map_err(failed))
    }

    /// Whether and why an address takes no more mail.
    pub async fn mail_stopped(&self, address: &Email) -> Result<Option<MailMark>, ServiceError> {
        self.table.get(&keys::mail_mark(&AddressHash::of(address))).await
    }

    /// Claims a notice, which nobody has sent, nor claimed within [`CLAIM`]. See the module for what to do then.
    pub async fn claim_notice(&self, id: &NoticeId, now: Timestamp) -> Result<Claim, ServiceError> {
        let row = Row {
            since: now.as_millisecond(),
            sent: None,
            expires_at: (now + KEPT).as_second(),
        };
        let put = self.table.client.put_item().table_name(&self.table.name);
        let claimed = put
            .set_item(Some(to_item(&keys::notice(id), &row)?))
            .condition_expression("attribute_not_exists(pk) OR (attribute_not_exists(sent) AND since <= :stale)")
            .expression_attribute_values(":stale", millis(now - CLAIM))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = claimed else { return Ok(Claim::Claimed) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(held)) => {
                from_item(held.item().cloned().unwrap_or_default()).map(|row: Row| row.claim())
            }
            _ => Err(failed(error)),
        }
    }

    /// Notes that a notice went out; the first word of it stays. A notice that nobody has claimed is passed over.
    pub async fn notice_sent(&self, id: &NoticeId, at: Timestamp) -> Result<(), ServiceError> {
        let update = self.table.client.update_item().table_name(&self.table.name);
        let update = update
            .set_key(Some(keys::notice(id).cells()))
            .update_expression("SET sent = if_not_exists(sent, :at)")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":at", millis(at));
        unless_conflict(update.send().await.map(drop).map_err(failed))
    }

    /// Gives up a claim made at `since`, since SES has refused the mail for certain. A later claim stays, and so does what went out.
    pub async fn release_notice(&self, id: &NoticeId, since: Timestamp) -> Result<(), ServiceError> {
        let delete = self.table.client.delete_item().table_name(&self.table.name);
        let delete = delete
            .set_key(Some(keys::notice(id).cells()))
            .condition_expression("since = :since AND attribute_not_exists(sent)")
            .expression_attribute_values(":since", millis(since));
        unless_conflict(delete.send().await.map(drop).map_err(failed))
    }
}

fn millis(time: Timestamp) -> AttributeValue {
    AttributeValue::N(time.as_millisecond().to_string())
}

/// A condition that does not hold says that there is nothing to do.
fn unless_conflict(result: Result<(), ServiceError>) -> Result<(), ServiceError> {
    match result {
        Err(ServiceError::Conflict) => Ok(()),
        other => other,
    }
}
