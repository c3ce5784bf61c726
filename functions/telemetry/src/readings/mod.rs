//! Readings: uploaded for a device, read from a stream.

pub mod create;
pub mod create_many;
pub mod list;
pub mod list_many;
pub mod position;
mod render;
pub mod view;

use aws_dynamodb::{OrgTable, Stream};
use domain::fleet::Device;
use domain::reading::VariableName;
use domain::stream::StreamSettings;
use domain::{DeviceId, ServiceError};
use http_api::Problem;

/// A device that must be there.
pub async fn device(table: &OrgTable, id: DeviceId) -> Result<Device, Problem> {
    let device = table.device(id).await?;
    device.ok_or_else(|| Problem::not_found("device in this organisation"))
}

/// A stream with readings, and what is laid down about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// The stream.
    pub stream: Stream,
    /// What is laid down about it.
    pub settings: StreamSettings,
}

/// A stream that must be there, of a device that must be there.
pub async fn stream(table: &OrgTable, id: DeviceId, variable: &VariableName) -> Result<Known, Problem> {
    let (device, known) = futures::future::join(table.device(id), known(table, id, variable)).await;
    device?.ok_or_else(|| Problem::not_found("device in this organisation"))?;
    known?.ok_or_else(|| {
        Problem::not_found("stream of this device; it may be a moment until its first readings are stored")
    })
}

/// A stream of a device; none before its first readings are stored.
pub async fn known(table: &OrgTable, id: DeviceId, variable: &VariableName) -> Result<Option<Known>, ServiceError> {
    let (stream, settings) =
        futures::future::try_join(table.stream(id, variable), table.stream_settings(id, variable)).await?;
    let settings = settings.unwrap_or_else(|| StreamSettings::of(variable.clone()));
    Ok(stream.map(|stream| Known { stream, settings }))
}
