//! Blocks, and readings that are in none, in groups that share no time: what must be looked at together.

use blocks::{Accepted, BlockError, StoredBlock, Summary, latest};

/// Blocks and loose readings that may hold one another's.
#[derive(Debug, Default)]
pub struct Group<'a> {
    blocks: Vec<&'a StoredBlock>,
    places: Vec<usize>,
    loose: Vec<Accepted>,
}

/// Times and values of readings, ascending, each identity once.
#[derive(Debug, Default)]
pub struct Rows {
    pub times: Vec<i64>,
    pub values: Vec<f64>,
}

/// The groups of what touches `start..end`, ascending.
pub fn groups<'a>(blocks: &'a [StoredBlock], loose: &[Accepted], (start, end): (i64, i64)) -> Vec<Group<'a>> {
    let within = blocks.iter().enumerate().filter(|(_, block)| block.touches(start, end));
    let mut items: Vec<_> = within
        .map(|(place, block)| (block.summary.first.time, Item::Block(place, block)))
        .collect();
    let loose = loose.iter().filter(|a| (start..end).contains(&a.reading.time));
    items.extend(loose.map(|accepted| (accepted.reading.time, Item::Loose(*accepted))));
    items.sort_by_key(|(first, _)| *first);
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut reached = i64::MIN;
    for (first, item) in items {
        let overlaps = first <= reached;
        // Readings outside all blocks have nothing to be kept closed.
        let is_loose = matches!(item, Item::Loose(_));
        let joins = |group: &&mut Group<'_>| overlaps || is_loose && group.blocks.is_empty();
        reached = reached.max(item.last());
        match groups.last_mut().filter(joins) {
            Some(group) => group.push(item),
            None => {
                let mut group = Group::default();
                group.push(item);
                groups.push(group);
            }
        }
    }
    groups
}

#[derive(Clone, Copy)]
enum Item<'a> {
    Block(usize, &'a StoredBlock),
    Loose(Accepted),
}

impl Item<'_> {
    fn last(&self) -> i64 {
        match self {
            Self::Block(_, block) => block.summary.last.time,
            Self::Loose(accepted) => accepted.reading.time,
        }
    }
}

impl<'a> Group<'a> {
    fn push(&mut self, item: Item<'a>) {
        match item {
            Item::Block(place, block) => {
                self.blocks.push(block);
                self.places.push(place);
            }
            Item::Loose(accepted) => self.loose.push(accepted),
        }
    }

    /// What is known unopened, if this is one block that nothing overlaps.
    pub fn summary(&self) -> Option<&'a Summary> {
        match self.blocks.as_slice() {
            [alone] if self.loose.is_empty() => Some(&alone.summary),
            _ => None,
        }
    }

    /// How many blocks [`Group::open`] decodes.
    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// The places of its blocks among all.
    pub fn into_places(self) -> Vec<usize> {
        self.places
    }

    /// The readings of `start..end`.
    pub fn open(&self, (start, end): (i64, i64)) -> Result<Rows, BlockError> {
        let mut rows = self.all()?;
        let from = rows.times.partition_point(|time| *time < start);
        let to = rows.times.partition_point(|time| *time < end);
        rows.times.truncate(to);
        rows.values.truncate(to);
        rows.times.drain(..from.min(to));
        rows.values.drain(..from.min(to));
        Ok(rows)
    }

    fn all(&self) -> Result<Rows, BlockError> {
        if let ([alone], []) = (self.blocks.as_slice(), self.loose.as_slice()) {
            let columns = alone.columns()?;
            return Ok(Rows {
                times: columns.times,
                values: columns.values.into_numbers()?,
            });
        }
        let mut all = self.loose.clone();
        for block in &self.blocks {
            all.extend(block.decode_accepted()?);
        }
        let all = latest(all);
        Ok(Rows {
            times: all.iter().map(|accepted| accepted.reading.time).collect(),
            values: all.iter().map(|accepted| accepted.reading.value).collect(),
        })
    }
}
