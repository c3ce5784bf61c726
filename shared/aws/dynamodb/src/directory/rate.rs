//! Blocks of requests leased to execution environments: a row a subject and minute, which goes by itself.
//!
//! A lease is one write unit, granted or not; one that finds less left than it asks for takes that with a second. Rows stand apart from all others of
//! the directory, in a partition a subject.

use crate::cell::{self, Item};
use crate::keys;
use crate::table::Table;
use aws_config::SdkConfig;
use aws_errors::failed;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::ServiceError;
use domain::rate::{Block, Leased, Leases, Policy, Subject};
use jiff::SignedDuration;

/// How long a row is kept after its minute, so that somebody can look why a caller was refused.
const KEPT: SignedDuration = SignedDuration::from_hours(1);

/// Where blocks are leased: the directory table, and of it nothing else.
#[derive(Clone)]
pub struct RateLeases(Table);

impl RateLeases {
    /// Those in the directory table of that name.
    pub fn new(aws: &SdkConfig, directory: String) -> Self {
        Self(Table {
            client: Client::new(aws),
            name: directory,
        })
    }
}

/// What came of one write.
enum Written {
    /// So many of the window's requests are leased, with the block.
    Done(u32),
    /// So many are leased already, and the block would be too many.
    Refused(u32),
}

impl RateLeases {
    async fn write(&self, subject: &Subject, policy: Policy, block: Block) -> Result<Written, ServiceError> {
        let number = |number: i64| AttributeValue::N(number.to_string());
        let room = policy.quota.saturating_sub(block.requests);
        let update = self.0.client.update_item().table_name(&self.0.name);
        let update = update
            .set_key(Some(keys::rate(subject, block.window).cells()))
            .update_expression("ADD taken :block SET expires_at = :gone")
            .condition_expression("attribute_not_exists(taken) OR taken <= :room");
        let update = update
            .expression_attribute_values(":block", number(block.requests.into()))
            .expression_attribute_values(":room", number(room.into()))
            .expression_attribute_values(":gone", number(block.window.end() + KEPT.as_secs()))
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        // Of a row that does not say how many, nothing is left.
        let taken = |row: &Item| {
            let taken = cell::number(row, "taken").and_then(|taken| u32::try_from(taken).ok());
            taken.unwrap_or(policy.quota)
        };
        match update.send().await {
            Ok(answer) => Ok(Written::Done(taken(&answer.attributes.unwrap_or_default()))),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    Ok(Written::Refused(refused.item().map_or(policy.quota, taken)))
                }
                _ => Err(failed(error)),
            },
        }
    }
}

impl Leases for RateLeases {
    async fn lease(&self, subject: &Subject, policy: Policy, block: Block) -> Result<Leased, ServiceError> {
        let granted = |requests, taken| Ok(Leased::Granted { requests, taken });
        let left = match self.write(subject, policy, block).await? {
            Written::Done(taken) => return granted(block.requests, taken),
            Written::Refused(taken) => policy.quota.saturating_sub(taken),
        };
        if left == 0 {
            return Ok(Leased::UsedUp);
        }
        let rest = Block {
            requests: left,
            ..block
        };
        match self.write(subject, policy, rest).await? {
            Written::Done(taken) => granted(left, taken),
            Written::Refused(_) => Ok(Leased::UsedUp),
        }
    }

    /// A write that never comes about, since its condition cannot hold: what else every HTTP function may do to the directory, no two have in common.
    async fn open(&self) {
        let update = self.0.client.update_item().table_name(&self.0.name);
        let update = update
            .set_key(Some(keys::rate_opened().cells()))
            .update_expression("SET expires_at = :gone")
            .condition_expression("attribute_exists(pk) AND attribute_not_exists(pk)")
            .expression_attribute_values(":gone", AttributeValue::N("0".to_owned()));
        let _ = update.send().await;
    }
}
