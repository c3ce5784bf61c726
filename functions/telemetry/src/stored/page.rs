//! One page of a range, in order of time.

use super::sweep::Sweep;
use super::{Blocks, Bounds, Times, too_many};
use crate::readings::position::Position;
use blocks::Reading;
use http_api::Problem;

/// The readings of a range after a position, at most `limit`, and the position after which there may be more.
///
/// A page can be shorter than `limit`, or empty, and yet not be the last: where there are more blocks than one request reads.
pub async fn page(
    source: &impl Blocks,
    times: Times,
    after: Option<Position>,
    limit: usize,
) -> Result<(Vec<Reading>, Option<Position>), Problem> {
    let start = times.start.max(after.map_or(i64::MIN, |position| position.0));
    let mut sweep = Sweep::new(source, Times { start, ..times }, Bounds::REQUEST);
    let mut found: Vec<Reading> = Vec::new();
    let mut floor = start;
    while !sweep.is_over() && found.len() <= limit {
        if sweep.is_exhausted() {
            let stuck = floor == start;
            return if stuck {
                Err(too_many(start))
            } else {
                Ok((found, Some(Position::before(floor))))
            };
        }
        sweep.advance().await?;
        while floor < sweep.complete() && found.len() <= limit {
            let to = sweep.slice(floor, sweep.complete(), limit as u64);
            sweep.fetch_touching(floor, to).await?;
            let readings = blocks::read(sweep.blocks(), floor, to).map_err(Problem::internal)?;
            found.extend(
                readings
                    .into_iter()
                    .filter(|reading| after < Some(Position::of(reading))),
            );
            floor = to;
            sweep.forget_before(floor);
        }
    }
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(Position::of);
    Ok((found, next))
}
