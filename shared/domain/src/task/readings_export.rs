//! Which readings an export writes to a file, and as what.

use crate::DeviceId;
use crate::reading::{ReadingTime, VariableName};
use serde::{Deserialize, Serialize};

/// What kind of file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileFormat {
    /// Apache Parquet: columns, which programs for analysis read.
    #[default]
    Parquet,
    /// A line for each reading after one that names the columns (RFC 4180), compressed by gzip.
    Csv,
}

impl FileFormat {
    /// How the names of its files end.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv.gz",
        }
    }
}

/// The input of a task `readings.export`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingsExport {
    /// Whose readings.
    pub device: DeviceId,
    /// Of which variables, in the order in which they are written.
    pub variables: Vec<VariableName>,
    /// The first instant of the range; none for each stream's beginning.
    pub start: Option<ReadingTime>,
    /// The first instant after it; none for no end.
    pub end: Option<ReadingTime>,
    /// As what.
    pub format: FileFormat,
}
