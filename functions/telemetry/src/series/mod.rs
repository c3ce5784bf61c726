//! A stream's readings, whether they are stored or computed: what every answer is read from.
//!
//! A computed stream's blocks are made while they are read ([`computed`]), and stand in the place of stored ones from there on.

mod computed;
mod input;
mod walk;

use crate::readings::{Known, known};
use crate::scaling::{Scaled, Scaling};
use crate::stored::{Blocks, Part, Stored};
use aws_dynamodb::{BlockPlace, OrgTable};
use blocks::StoredBlock;
use computed::Computed;
use domain::DeviceId;
use domain::formula::Formula;
use futures::future::try_join_all;
use http_api::{Kind, Problem};
use input::Input;

/// A stream's readings.
pub enum Series<'a> {
    /// As they were stored.
    Stored(Stored<'a>),
    /// As a formula makes them of others.
    Computed(Computed<'a, Stored<'a>>),
}

/// A place between two blocks.
#[derive(Debug, Clone)]
pub enum Place {
    /// Of a stored stream.
    Stored(BlockPlace),
    /// Of a computed one: a time.
    Computed(i64),
}

impl Place {
    fn stored(self) -> Option<BlockPlace> {
        match self {
            Self::Stored(place) => Some(place),
            Self::Computed(_) => None,
        }
    }

    fn computed(self) -> Option<i64> {
        match self {
            Self::Computed(time) => Some(time),
            Self::Stored(_) => None,
        }
    }
}

impl<'a> Series<'a> {
    /// The readings of that stream, as they are shown at the present moment. Refused where its formula is over a stream that is computed itself.
    pub async fn of(table: &'a OrgTable, device: DeviceId, stream: &'a Known) -> Result<Self, Problem> {
        let Some(formula) = &stream.settings.formula else {
            return Ok(Self::Stored(Stored::new(table, device, stream)));
        };
        let inputs = inputs(table, device, formula).await?;
        let floor = stream.settings.floor(table.now());
        Ok(Self::Computed(Computed::new(formula, inputs, floor)))
    }
}

/// What a formula is over; none while one of its variables has no readings.
async fn inputs<'a>(
    table: &'a OrgTable,
    device: DeviceId,
    formula: &Formula,
) -> Result<Option<Vec<Input<Stored<'a>>>>, Problem> {
    let found = formula.inputs().iter().map(|variable| known(table, device, variable));
    let found: Vec<Option<Known>> = try_join_all(found).await?;
    let computed = found.iter().flatten().find(|input| input.settings.formula.is_some());
    if let Some(Known { settings, .. }) = computed {
        let detail = format!(
            "The stream is computed from `{}`, which is computed itself: change the formula of one of them.",
            settings.variable
        );
        return Err(Problem::new(Kind::Conflict, detail));
    }
    let input = |known: Known| Input {
        scaling: Scaling::of(&known.settings, Scaled::Stream, None),
        source: Stored::new(table, device, &known),
    };
    Ok(found.into_iter().map(|known| known.map(input)).collect())
}

impl Blocks for Series<'_> {
    type Place = Place;

    fn span(&self) -> i64 {
        match self {
            Self::Stored(stored) => stored.span(),
            Self::Computed(computed) => computed.span(),
        }
    }

    async fn page(
        &self,
        last_times: (i64, i64),
        (ascending, after): (bool, Option<Place>),
        limit: usize,
    ) -> Result<Part<Place>, Problem> {
        match self {
            Self::Stored(stored) => {
                let order = (ascending, after.and_then(Place::stored));
                let part = stored.page(last_times, order, limit).await?;
                Ok(part.with_place(Place::Stored))
            }
            Self::Computed(computed) => {
                let order = (ascending, after.and_then(Place::computed));
                let part = computed.page(last_times, order, limit).await?;
                Ok(part.with_place(Place::Computed))
            }
        }
    }

    async fn fetch(&self, blocks: Vec<&mut StoredBlock>) -> Result<(), Problem> {
        match self {
            Self::Stored(stored) => stored.fetch(blocks).await,
            Self::Computed(computed) => computed.fetch(blocks).await,
        }
    }
}

#[cfg(test)]
mod tests;
