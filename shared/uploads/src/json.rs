//! Readings as one JSON document.

use super::{MAX_READINGS, Sent};
use crate::finite::Finite;
use crate::name::Name;
use domain::reading::{ReadingTime, VariableName};
use http_api::{Body, Problem};
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, de};
use std::fmt;

/// Readings of one device.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReadings {
    /// 1 to 10,000 readings of at most 256 different variables. Of several with one variable and time the last counts.
    #[schema(value_type = Vec<NewReading>, min_items = 1, max_items = 10000)]
    readings: Sent,
}

/// One reading.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReading<'a> {
    #[schema(value_type = VariableName)]
    #[serde(borrow)]
    variable: Name<'a>,
    /// When it was taken, with the offset from UTC.
    time: ReadingTime,
    value: Finite,
}

/// Readings from the document.
pub fn read_json(body: &Body) -> Result<Sent, Problem> {
    let NewReadings { readings } = body.json()?;
    match readings.count {
        1..=MAX_READINGS => Ok(readings),
        count => {
            let detail = format!("must have 1 to 10,000 readings, not {count}");
            Err(Problem::field("/readings", detail))
        }
    }
}

impl Sent {
    /// Adds a reading as it was written.
    pub(super) fn add_new<E: de::Error>(&mut self, new: &NewReading<'_>) -> Result<(), E> {
        self.add(new.variable.as_str(), (new.time, new.value.0))
            .map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for Sent {
    /// From a list of [`NewReading`]s, none of which is kept as it was written.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Sent;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a sequence")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Sent, A::Error> {
                let mut sent = Sent::default();
                while let Some(new) = list.next_element::<NewReading<'de>>()? {
                    sent.add_new(&new)?;
                }
                Ok(sent)
            }
        }
        deserializer.deserialize_seq(List)
    }
}
