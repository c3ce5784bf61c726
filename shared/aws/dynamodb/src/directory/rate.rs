//! Blocks of requests leased to execution environments: a row a subject and minute, which goes by itself.
//!
//! A lease is one write unit, granted or not. Rows stand apart from all others of the directory, in a partition a subject, whose writes are at
//! most one a second and environment.

use crate::cell;
use crate::keys;
use crate::table::Table;
use aws_config::SdkConfig;
use aws_errors::failed;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
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

impl Leases for RateLeases {
    async fn lease(&self, subject: &Subject, policy: Policy, block: Block) -> Result<Leased, ServiceError> {
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
            .return_values(ReturnValue::UpdatedNew);
        match update.send().await.map_err(failed) {
            Ok(answer) => {
                let taken = answer.attributes.and_then(|item| cell::number(&item, "taken"));
                let taken = taken.and_then(|taken| u32::try_from(taken).ok());
                Ok(Leased::Granted {
                    taken: taken.unwrap_or(policy.quota),
                })
            }
            Err(ServiceError::Conflict) => Ok(Leased::UsedUp),
            Err(error) => Err(error),
        }
    }
}
