//! Failures that may pass.

use crate::{Delivery, Outcome, reason};
use std::fmt::Display;

/// Deliveries after which a failure that may pass is final: before the twentieth, at which SQS itself gives a message up, wordless.
const MAX_DELIVERIES: u32 = 15;

impl Outcome {
    /// For a message whose work failed for a cause that may pass: it comes again, until it has come so often that it is given up.
    pub fn again(delivery: &Delivery, cause: impl Display) -> Self {
        match delivery.receives < MAX_DELIVERIES {
            true => Self::Retry(cause.to_string()),
            false => Self::Reject(reason("a service behind Millwright failed, time and again", cause)),
        }
    }
}
