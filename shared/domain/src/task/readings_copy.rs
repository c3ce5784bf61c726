//! Which readings a copy brings where.

use crate::DeviceId;
use crate::reading::{ReadingTime, VariableName};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A stream by its device and variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StreamOf {
    /// The device.
    pub device: DeviceId,
    /// The variable.
    pub variable: VariableName,
}

/// The input of a task `readings.copy`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingsCopy {
    /// Whose readings.
    pub source: StreamOf,
    /// Where they are copied to.
    pub target: StreamOf,
    /// The first instant of the range.
    pub start: ReadingTime,
    /// The first instant after it.
    pub end: ReadingTime,
}

impl fmt::Display for StreamOf {
    /// As journals name it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.device, self.variable)
    }
}
