//! A window across the devices of a project, as the API shows it.

use super::get::StatisticsView;
use domain::DeviceId;
use serde::Serialize;

/// The readings of one window, of all devices or of one. Windows without readings are left out.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ProjectStatisticsView {
    /// The device, where devices are told apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) device: Option<DeviceId>,
    /// How many devices have readings in the window.
    pub(super) devices: usize,
    /// Of several devices `first` and `last` are of whichever was first and last, and `rate` is `null`.
    #[serde(flatten)]
    pub(super) statistics: StatisticsView,
}
