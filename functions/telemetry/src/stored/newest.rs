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
    let (mut blocks, mut after, mut read) = (Vec::<blocks::StoredBlock>::new(), None, 0);
    // What has not been read ends no later than this.
    let mut border = i64::MAX;
    // The second block tells that the first is later: for one reading two blocks do, as a rule.
    let mut page = 2 + count / 64;
    loop {
        let part = source.page(last_times, (false, after), page).await?;
        (read, border) = (read + part.read, part.reached.unwrap_or(border));
        blocks.extend(part.blocks);
        let from = match part.next {
            Some(_) => times.start.max(border.saturating_add(1)),
            None => times.start,
        };
        let opened = blocks.iter_mut().filter(|block| block.touches(from, times.end));
        source.fetch(opened.collect()).await?;
        let readings = blocks::read(&blocks, from, times.end).map_err(Problem::internal)?;
        if part.next.is_none() || readings.len() >= count {
            return Ok(readings.into_iter().rev().take(count).rev().collect());
        }
        let bytes: usize = blocks.iter().map(blocks::StoredBlock::size).sum();
        if read >= MAX_BLOCKS || bytes > MAX_BYTES / 8 {
            return Err(too_many(from));
        }
        after = part.next;
        page = (page * 2).min(GREATEST_PAGE);
    }
}
