//! Reading an organisation's journal.

use super::OrgTable;
use crate::keys;
use crate::table::{Range, Walk};
use domain::ServiceError;
use domain::journal::{Entry, Head};
use jiff::{SignedDuration, Timestamp};

/// Most entries that one page of a filtered list looks at.
const LOOKED_AT: usize = 2_000;

/// Most bytes of states, as JSON, that one page of a list tells: a function answers 6 MB at most (AWS "Lambda quotas").
const MOST_BYTES: usize = 3 * 1024 * 1024;

/// How far the clocks of two functions may be apart: entries are in the order of their numbers, and of their times but for this.
const CLOCKS_APART: SignedDuration = SignedDuration::from_mins(5);

/// Which entries to list.
#[derive(Debug, Clone, Default)]
pub struct JournalFilter {
    /// Those of this person, key or task.
    pub actor: Option<String>,
    /// Those that tell of this, as in `device.created`.
    pub action: Option<String>,
    /// Those about this.
    pub resource: Option<String>,
    /// Those from then on.
    pub from: Option<Timestamp>,
    /// Those before then.
    pub to: Option<Timestamp>,
}

impl JournalFilter {
    fn admits(&self, entry: &Entry) -> bool {
        self.actor.as_ref().is_none_or(|actor| *actor == entry.actor)
            && self.action.as_ref().is_none_or(|action| *action == entry.action)
            && self.resource.as_ref().is_none_or(|it| *it == entry.resource)
            && self.from.is_none_or(|from| entry.at >= from)
            && self.to.is_none_or(|to| entry.at < to)
    }

    /// Whether no entry before this one can be meant.
    fn is_past(&self, entry: &Entry) -> bool {
        self.from.is_some_and(|from| entry.at + CLOCKS_APART < from)
    }
}

impl OrgTable {
    /// Entries, newest first, a page of those before the sequence number `before`, and the number before which the next page begins. A page may
    /// hold fewer than `limit` though there are more.
    pub async fn journal(
        &self,
        filter: &JournalFilter,
        before: Option<u64>,
        limit: usize,
    ) -> Result<(Vec<Entry>, Option<u64>), ServiceError> {
        let (mut found, mut before, mut looked_at) = (Vec::new(), before, 0);
        loop {
            let sk = before.map(|sequence| keys::journal_entry(sequence).sk);
            let walk = Walk {
                ascending: false,
                after: sk.as_deref(),
                limit: limit - found.len(),
            };
            let sequence = |entry: &Entry| entry.sequence;
            let (page, next) = self.table.page(keys::JOURNAL, Range::All, walk, sequence).await?;
            looked_at += page.len();
            let past = page.last().is_some_and(|entry| filter.is_past(entry));
            before = next.filter(|_| !past);
            found.extend(page.into_iter().filter(|entry| filter.admits(entry)));
            let fitting = fitting(&found);
            if fitting < found.len() {
                found.truncate(fitting);
                let last = found.last().map(sequence);
                return Ok((found, last));
            }
            if before.is_none() || found.len() >= limit || looked_at >= LOOKED_AT {
                return Ok((found, before));
            }
        }
    }

    /// Entries in their order, those after a place, at most so many.
    pub async fn journal_after(&self, sequence: u64, limit: usize) -> Result<Vec<Entry>, ServiceError> {
        let after = keys::journal_entry(sequence).sk;
        let walk = Walk {
            ascending: true,
            after: Some(&after),
            limit,
        };
        Ok(self.table.query(keys::JOURNAL, Range::All, walk).await?.items)
    }

    /// The entry at a place.
    pub async fn journal_entry(&self, sequence: u64) -> Result<Option<Entry>, ServiceError> {
        self.table.get(&keys::journal_entry(sequence)).await
    }

    /// The place of the first entry, of those up to `latest`, that is of a moment or later; the one after `latest` where none is. It is found
    /// by halving: where functions' clocks are apart, by as much.
    pub async fn journal_place(&self, at: Timestamp, latest: u64) -> Result<u64, ServiceError> {
        let (mut first, mut end) = (1, latest.saturating_add(1));
        while first < end {
            let middle = first.midpoint(end);
            match self.journal_entry(middle).await? {
                Some(entry) if entry.at < at => first = middle.saturating_add(1),
                _ => end = middle,
            }
        }
        Ok(first)
    }

    /// The journal's latest entry: what the next attaches to.
    pub async fn journal_head(&self) -> Result<Head, ServiceError> {
        let (latest, _) = self.journal(&JournalFilter::default(), None, 1).await?;
        Ok(latest.last().map(Head::from).unwrap_or_default())
    }
}

/// How many of the first entries one page has room for; one in any case.
fn fitting(entries: &[Entry]) -> usize {
    let mut bytes = 0;
    let over = entries.iter().skip(1).position(|entry| {
        let states = [&entry.before, &entry.after].into_iter().flatten();
        bytes += states.map(|state| state.to_string().len()).sum::<usize>();
        bytes > MOST_BYTES
    });
    over.map_or(entries.len(), |place| place + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::journal::{Event, Origin};
    use serde_json::json;

    #[test]
    fn a_page_of_great_entries_has_fewer_of_them() {
        let entry = |bytes: usize| {
            let event = Event {
                action: "organization.updated",
                resource: "org_1".into(),
                before: None,
                after: Some(json!("x".repeat(bytes))),
            };
            Entry::after(
                &Head::default(),
                event,
                "usr_1",
                &Origin::default(),
                Timestamp::UNIX_EPOCH,
            )
        };
        assert_eq!(fitting(&[]), 0);
        assert_eq!(fitting(&[entry(MOST_BYTES * 2)]), 1);
        assert_eq!(fitting(&vec![entry(MOST_BYTES / 4); 9]), 4);
        assert_eq!(fitting(&vec![entry(10); 1000]), 1000);
    }
}
