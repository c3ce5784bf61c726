//! Refused reports: kept for some days, for whoever finds out why a device sends them.

use crate::App;
use domain::{DeviceId, OrgId};
use std::time::Duration;

/// How long keeping may hold up the answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// Longest reason kept: metadata of an object has 2 KB (AWS "Working with object metadata").
const MAX_REASON: usize = 1_000;

/// Keeps a refused report with its reason as metadata. Best effort: the sender is told the reason anyway, and still has the report.
pub async fn keep(app: &App, (org, device): (OrgId, DeviceId), bytes: &[u8], media_type: &str, reason: &str) {
    let key = format!("errors/{org}/{device}/{}", app.source.ulid());
    let reason = printable(reason);
    let metadata = [("reason", reason.as_str())];
    let put = app.storage.put_with(&key, bytes.to_vec(), media_type, &metadata);
    match tokio::time::timeout(PATIENCE, put).await {
        Ok(Ok(())) => tracing::info!(key, reason, "a report was refused"),
        Ok(Err(error)) => tracing::warn!(key, reason, %error, "a refused report was not kept"),
        Err(_) => tracing::warn!(key, reason, "a refused report was not kept in time"),
    }
}

/// Metadata are US-ASCII, and a reason can quote what the sender wrote.
fn printable(reason: &str) -> String {
    let ascii = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
    reason.chars().map(ascii).take(MAX_REASON).collect()
}
