//! Maintenance of the whole deployment.

pub mod get;
pub mod set;

use aws_dynamodb::SetMaintenance;
use domain::maintenance::{Message, Mode};
use jiff::Timestamp;
use serde::Serialize;

/// The deployment's maintenance.
#[derive(Serialize, utoipa::ToSchema)]
pub struct MaintenanceView {
    mode: Mode,
    message: Option<Message>,
    /// Who set it; null where nobody ever has.
    set_by: Option<String>,
    /// When.
    set_at: Option<Timestamp>,
}

impl From<Option<SetMaintenance>> for MaintenanceView {
    fn from(set: Option<SetMaintenance>) -> Self {
        let Some(set) = set else {
            return Self {
                mode: Mode::None,
                message: None,
                set_by: None,
                set_at: None,
            };
        };
        Self {
            mode: set.mode,
            message: set.message,
            set_by: Some(set.set_by),
            set_at: Some(set.set_at),
        }
    }
}
