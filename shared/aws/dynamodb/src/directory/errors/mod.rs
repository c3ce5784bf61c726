//! Unexpected errors, one row a kind: how often each was seen, and whether staff have been told.
//!
//! A kind is a [fingerprint](Sighting::fingerprint). Its row is counted with one atomic write and lives 90 days after the last sighting; a row
//! beside it lists it in the order of first sightings. Nothing personal is stored: see `functions/errors` for what the text may hold.

mod list;

pub use list::ErrorPlace;

use super::Directory;
use crate::keys;
use crate::table::from_item;
use aws_errors::failed;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::ServiceError;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a kind of error is remembered after it was last seen.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Counts one batch, once: not when the row's latest batch is this one, and not onto a row whose time is over.
const COUNT: &str = "SET fingerprint = :fingerprint, #function = :function, target = :target, #text = :text, \
    first_seen = if_not_exists(first_seen, :first), last_seen = :last, last_request = :request, last_batch = :batch, \
    notice_due = if_not_exists(notice_due, :due), expires_at = :expires ADD seen :count";
const COUNTABLE: &str = "attribute_not_exists(pk) OR (last_batch <> :batch AND expires_at > :now)";

/// Errors of one kind that one batch of log lines holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Names the kind: hexadecimal, the same for every sighting.
    pub fingerprint: String,
    /// The function that logged it.
    pub function: String,
    /// The module that logged it, or `platform` for a line of Lambda's own.
    pub target: String,
    /// What it says, with everything taken out that differs from one time to the next.
    pub text: String,
    /// How many there are.
    pub count: u64,
    /// When the first of them was logged.
    pub first_seen: Timestamp,
    /// When the last of them was logged.
    pub last_seen: Timestamp,
    /// The request of the last of them; empty where none is known.
    pub request: String,
    /// Names the batch: the same when it is delivered again.
    pub batch: String,
}

/// What is known of a kind of error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorKind {
    /// Names the kind.
    pub fingerprint: String,
    /// The function that logs it.
    pub function: String,
    /// The module that logs it, or `platform` for a line of Lambda's own.
    pub target: String,
    /// What it says, with everything taken out that differs from one time to the next.
    pub text: String,
    /// How often it was seen. A batch that is delivered again counts once, unless another of the same kind came in between.
    pub seen: u64,
    /// When first.
    pub first_seen: Timestamp,
    /// When last.
    pub last_seen: Timestamp,
    /// The request of the last; empty where none is known.
    pub last_request: String,
    /// From when on somebody else may tell staff, if nobody has.
    pub notice_due: Timestamp,
    /// When staff were told.
    pub notified_at: Option<Timestamp>,
}

/// What the counting of a batch found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counted {
    /// The first sighting of this kind: it is for whoever counted it to tell staff.
    First(ErrorKind),
    /// Seen before, or this very batch was counted before.
    Again(ErrorKind),
}

impl Directory {
    /// Counts a sighting. Whoever makes the first must tell staff by `due`; after that anybody may, see [`Directory::claim_telling`].
    pub async fn count_error(
        &self,
        sighting: &Sighting,
        now: Timestamp,
        due: Timestamp,
    ) -> Result<Counted, ServiceError> {
        let counted = match self.add_to_error(sighting, now, due).await? {
            Some(counted) => counted,
            None => self.not_countable(sighting, now, due).await?,
        };
        let (Counted::First(kind) | Counted::Again(kind)) = &counted;
        self.list_error(kind).await?;
        Ok(counted)
    }

    /// Takes over telling staff of a kind, where whoever should have has not by now; whether this caller must do it.
    pub async fn claim_telling(&self, kind: &ErrorKind, now: Timestamp, due: Timestamp) -> Result<bool, ServiceError> {
        if kind.notified_at.is_some() || kind.notice_due > now {
            return Ok(false);
        }
        let claim = self
            .update_error(&kind.fingerprint)
            .update_expression("SET notice_due = :due");
        let claim = claim
            .condition_expression("attribute_not_exists(notified_at) AND notice_due = :found")
            .expression_attribute_values(":due", text(&due))
            .expression_attribute_values(":found", text(&kind.notice_due));
        match claim.send().await.map_err(failed) {
            Ok(_) => Ok(true),
            Err(ServiceError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Notes that staff have been told of a kind.
    pub async fn error_notified(&self, kind: &ErrorKind, now: Timestamp) -> Result<(), ServiceError> {
        let update = self
            .update_error(&kind.fingerprint)
            .update_expression("SET notified_at = :now");
        let update = update
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":now", text(&now));
        match update.send().await.map_err(failed) {
            Ok(_) | Err(ServiceError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Nothing where the batch must not be counted onto what is there.
    async fn add_to_error(
        &self,
        sighting: &Sighting,
        now: Timestamp,
        due: Timestamp,
    ) -> Result<Option<Counted>, ServiceError> {
        let expires = sighting.last_seen.max(now) + KEPT;
        let update = self.update_error(&sighting.fingerprint).update_expression(COUNT);
        let update = with_values(update, sighting)
            .expression_attribute_values(":due", text(&due))
            .expression_attribute_values(":now", number(&now.as_second()))
            .expression_attribute_values(":expires", number(&expires.as_second()));
        let update = update
            .condition_expression(COUNTABLE)
            .return_values(ReturnValue::AllNew);
        match update.send().await.map_err(failed) {
            Ok(answer) => {
                let kind: ErrorKind = from_item(answer.attributes.unwrap_or_default())?;
                let first = kind.seen == sighting.count;
                Ok(Some(if first {
                    Counted::First(kind)
                } else {
                    Counted::Again(kind)
                }))
            }
            Err(ServiceError::Conflict) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The batch was counted before, or the row's time is over and DynamoDB has not taken it away yet.
    async fn not_countable(
        &self,
        sighting: &Sighting,
        now: Timestamp,
        due: Timestamp,
    ) -> Result<Counted, ServiceError> {
        self.forget_error(&sighting.fingerprint, now).await?;
        if let Some(kind) = self.table.get(&keys::error(&sighting.fingerprint)).await? {
            return Ok(Counted::Again(kind));
        }
        let again = self.add_to_error(sighting, now, due).await?;
        again.ok_or_else(|| ServiceError::Busy("an error's row comes and goes".to_owned()))
    }

    async fn forget_error(&self, fingerprint: &str, now: Timestamp) -> Result<(), ServiceError> {
        let delete = self.table.client.delete_item().table_name(&self.table.name);
        let delete = delete
            .set_key(Some(keys::error(fingerprint).cells()))
            .condition_expression("expires_at <= :now")
            .expression_attribute_values(":now", number(&now.as_second()));
        match delete.send().await.map_err(failed) {
            Ok(_) | Err(ServiceError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn update_error(&self, fingerprint: &str) -> UpdateItemFluentBuilder {
        let update = self.table.client.update_item().table_name(&self.table.name);
        update.set_key(Some(keys::error(fingerprint).cells()))
    }
}

fn with_values(update: UpdateItemFluentBuilder, sighting: &Sighting) -> UpdateItemFluentBuilder {
    update
        // Both are reserved words (DynamoDB Developer Guide, "Reserved words").
        .expression_attribute_names("#function", "function")
        .expression_attribute_names("#text", "text")
        .expression_attribute_values(":fingerprint", text(&sighting.fingerprint))
        .expression_attribute_values(":function", text(&sighting.function))
        .expression_attribute_values(":target", text(&sighting.target))
        .expression_attribute_values(":text", text(&sighting.text))
        .expression_attribute_values(":first", text(&sighting.first_seen))
        .expression_attribute_values(":last", text(&sighting.last_seen))
        .expression_attribute_values(":request", text(&sighting.request))
        .expression_attribute_values(":batch", text(&sighting.batch))
        .expression_attribute_values(":count", number(&sighting.count))
}

fn text(value: &impl ToString) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

fn number(value: &impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
