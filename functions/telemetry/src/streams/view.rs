//! A stream as answers show it.

use crate::readings::Known;
use crate::readings::view::ReadingView;
use crate::scaling::{Scaled, Scaling};
use crate::series::Series;
use crate::stored::{self, Times};
use aws_dynamodb::OrgTable;
use domain::DeviceId;
use domain::formula::Formula;
use domain::reading::VariableName;
use domain::stream::{DataType, Days, Description, Scale, StreamSettings, UnitName};
use http_api::{Kind, Problem};
use jiff::Timestamp;
use serde::Serialize;

/// A stream of a device.
#[derive(Serialize, utoipa::ToSchema)]
pub struct StreamView {
    variable: VariableName,
    /// When its first readings were accepted, or it was first computed; `null` before.
    created_at: Option<Timestamp>,
    /// Its newest reading, by its output scale; `null` where there is none, or it cannot be computed.
    last: Option<ReadingView>,
    #[serde(flatten)]
    settings: SettingsView,
}

/// What is laid down about a stream.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SettingsView {
    /// What it is.
    description: Option<Description>,
    /// What its values are in, by the output scale.
    unit: Option<UnitName>,
    /// What its stored values are.
    data_type: DataType,
    /// Whether readings are stored. Those of a disabled stream are refused, which the task of their upload tells.
    enabled: bool,
    /// For how many days readings are kept, by their own times; `null` for ever.
    retention: Option<Days>,
    /// Applied once to each value, before it is stored.
    input_scale: Option<Scale>,
    /// Applied to each value that is asked for.
    output_scale: Option<Scale>,
    /// What its values are computed by whenever they are asked for; `null` of a stream that is stored.
    formula: Option<Formula>,
}

impl From<&StreamSettings> for SettingsView {
    fn from(settings: &StreamSettings) -> Self {
        let StreamSettings {
            description,
            unit,
            data_type,
            enabled,
            retention,
            input_scale,
            output_scale,
            formula,
            ..
        } = settings.clone();
        Self {
            description,
            unit,
            data_type,
            enabled,
            retention,
            input_scale,
            output_scale,
            formula,
        }
    }
}

impl StreamView {
    /// A stream with its newest reading.
    pub async fn read(table: &OrgTable, device: DeviceId, known: &Known) -> Result<Self, Problem> {
        let last = match Series::of(table, device, known).await {
            Ok(series) => stored::newest(&series, Times::ALL, 1).await?,
            // One that cannot be computed is shown all the same: its formula is what has to be mended.
            Err(problem) if problem.kind() == Kind::Conflict => Vec::new(),
            Err(problem) => return Err(problem),
        };
        let scaling = Scaling::of(&known.settings, Scaled::Stream, None);
        let last = scaling.readings(last).next().map(ReadingView::try_from);
        Ok(Self {
            created_at: Some(known.stream.created_at),
            last: last.transpose()?,
            ..Self::empty(&known.settings)
        })
    }

    /// One without readings.
    pub fn empty(settings: &StreamSettings) -> Self {
        Self {
            variable: settings.variable.clone(),
            created_at: None,
            last: None,
            settings: settings.into(),
        }
    }
}
