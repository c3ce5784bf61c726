//! The filter of a stream.

pub mod delete;
pub mod get;
pub mod put;
pub mod transitions;

use super::Place;
use aws_dynamodb::{FilterOf, OrgTable};
use domain::DeviceId;
use domain::reading::VariableName;
use http_api::Problem;

/// The place of a filter of a device that must be there.
async fn place<'a>(table: &OrgTable, device: DeviceId, variable: &'a VariableName) -> Result<Place<'a>, Problem> {
    let found = table.device(device).await?;
    found.ok_or_else(|| Problem::not_found("device"))?;
    let of = FilterOf::Device(device);
    Ok(Place { of, variable })
}
