//! Readings: uploaded for a device, read from a stream.

pub mod create;
pub mod create_many;
mod finite;
pub mod formats;
pub mod list;
pub mod list_many;
pub mod position;
mod render;
pub mod view;

use aws_dynamodb::{OrgTable, Stream};
use domain::fleet::Device;
use domain::reading::VariableName;
use domain::{DeviceId, ServiceError};
use http_api::Problem;

/// A device that must be there.
pub async fn device(table: &OrgTable, id: DeviceId) -> Result<Device, Problem> {
    let device = table.device(id).await?;
    device.ok_or_else(|| Problem::not_found("device in this organisation"))
}

/// A stream that must be there, of a device that must be there.
pub async fn stream(table: &OrgTable, id: DeviceId, variable: &VariableName) -> Result<Stream, Problem> {
    let both = futures::future::join(table.device(id), table.stream(id, variable));
    let (device, stream): (Result<_, ServiceError>, Result<_, ServiceError>) = both.await;
    device?.ok_or_else(|| Problem::not_found("device in this organisation"))?;
    stream?.ok_or_else(|| {
        Problem::not_found("stream of this device; it may be a moment until its first readings are stored")
    })
}
