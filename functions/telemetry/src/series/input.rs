//! What a computed stream is computed from: a stored stream, as people read it.

use crate::scaling::Scaling;
use crate::stored::{Blocks, Times, newest};
use blocks::Reading;
use domain::formula::HELD;
use http_api::Problem;

/// What a formula is over.
pub struct Input<S> {
    /// Its blocks.
    pub source: S,
    /// By which its values are told: formulas are over what people read.
    pub scaling: Scaling,
}

impl<S: Blocks> Input<S> {
    /// Its newest readings of a time, as people read them.
    pub async fn newest(&self, times: Times, count: usize) -> Result<Vec<Reading>, Problem> {
        let readings = newest(&self.source, times, count).await?;
        Ok(self.scaling.readings(readings).collect())
    }

    /// What it holds at a time, of readings from before.
    pub async fn held(&self, time: i64) -> Result<Option<Reading>, Problem> {
        let times = Times {
            start: time.saturating_sub(HELD).max(Times::ALL.start),
            end: time,
        };
        Ok(self.newest(times, 1).await?.pop())
    }
}
