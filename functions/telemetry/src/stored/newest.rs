//! The newest readings of a range.

use super::{Blocks, MAX_BLOCKS, MAX_BYTES, Times, too_many};
use blocks::Reading;
use http_api::Problem;

/// Most blocks in one page.
const GREATEST_PAGE: usize = 128;

/// The newest `count` readings of a range, ascending; fewer where there are no more.
///
/// Goes from the last block backwards, until the earliest of those readings is later than anything that was not read.
pub async fn newest(source: &impl Blocks, times: Times, count: usize) -> Result<Vec<Reading>, Problem> {
    let Some(last_times) = times.last_times(source.span()) else {
        return Ok(Vec::new());
    };
    let (mut blocks, mut after) = (Vec::new(), None);
    // The second block tells that the first is later: for one reading two blocks do, as a rule.
    let mut page = 2 + count / 64;
    loop {
        let (read, next) = source.page(last_times, (false, after), page).await?;
        blocks.extend(read);
        let border = blocks
            .last()
            .map_or(i64::MIN, |block: &blocks::StoredBlock| block.summary.last.time);
        let from = if next.is_some() {
            times.start.max(border.saturating_add(1))
        } else {
            times.start
        };
        let readings = blocks::read(&blocks, from, times.end).map_err(Problem::internal)?;
        if next.is_none() || readings.len() >= count {
            return Ok(readings.into_iter().rev().take(count).rev().collect());
        }
        let bytes: usize = blocks.iter().map(|block| block.bytes.len()).sum();
        if blocks.len() >= MAX_BLOCKS || bytes > MAX_BYTES / 8 {
            return Err(too_many(from));
        }
        after = next;
        page = (page * 2).min(GREATEST_PAGE);
    }
}
