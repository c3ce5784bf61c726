//! Which refresh token of each sign-in is good: see [`domain::rotation`]. One write unit a refresh; nothing until the first.

use super::Directory;
use crate::keys;
use aws_errors::failed;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::ServiceError;
use domain::rotation::{Rotation, SESSION_KEPT};
use jiff::Timestamp;

impl Directory {
    /// Which refresh token of a sign-in is good.
    pub async fn rotation(&self, session: &str) -> Result<Rotation, ServiceError> {
        let found = self.table.get(&keys::rotation(session)).await?;
        Ok(found.unwrap_or_default())
    }

    /// Makes the refresh token after `current` the one that is good; whether nobody was faster.
    pub async fn rotate(&self, session: &str, current: u32, now: Timestamp) -> Result<bool, ServiceError> {
        let number = |value: i64| AttributeValue::N(value.to_string());
        let update = self.table.client.update_item().table_name(&self.table.name);
        let update = update
            .set_key(Some(keys::rotation(session).cells()))
            .update_expression("SET generation = :next, rotated_at = :now, expires_at = :expires")
            .expression_attribute_values(":next", number(i64::from(current) + 1))
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .expression_attribute_values(":expires", number((now + SESSION_KEPT).as_second()));
        let update = match current {
            0 => update.condition_expression("attribute_not_exists(pk)"),
            _ => update
                .condition_expression("generation = :current")
                .expression_attribute_values(":current", number(i64::from(current))),
        };
        match update.send().await.map_err(failed) {
            Ok(_) => Ok(true),
            Err(ServiceError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
