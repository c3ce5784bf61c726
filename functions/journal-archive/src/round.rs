//! One round through all organisations.

use crate::App;
use aws_dynamodb::{Archived, OrgTable};
use domain::journal::{Entry, Head, SignedHead};
use domain::organization::{OrgStatus, Organization};
use domain::{Grant, OrgId, ServiceError};
use futures::stream::{self, StreamExt};
use jiff::{SignedDuration, Timestamp};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt::Write;

/// Who reads, in the eyes of a table.
const READER: &str = "journal-archive";
/// How long a round begins anything new: well within the function's time-out of five minutes.
const ROUND: SignedDuration = SignedDuration::from_secs(200);
/// Organisations read together from the directory.
const PAGE: usize = 100;
/// Organisations copied side by side.
const AT_ONCE: usize = 8;
/// Entries of one object.
const ENTRIES: usize = 1_000;
/// Objects of one organisation in a round: a journal that is far behind keeps the others waiting no longer than this takes.
const OBJECTS: usize = 20;

/// What a round copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Copied {
    /// Organisations whose journal had grown.
    pub organizations: u32,
    /// Entries that are new in the archive.
    pub entries: u64,
}

/// How a journal is not what was copied of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Diverged {
    /// Entries that were copied are not there.
    #[error("it ends with entry {now}, and entry {copied} was copied")]
    Shorter {
        /// Its latest entry.
        now: u64,
        /// The last that was copied.
        copied: u64,
    },
    /// An entry that was copied is another by now, or the next does not attach to it.
    #[error("entry {0} is not the one that was copied")]
    Rewritten(u64),
}

impl App {
    /// Copies what is new of every organisation's journal. One that cannot be copied keeps none of the others; the first failure is told.
    pub async fn round(&self) -> Result<Copied, ServiceError> {
        let until = self.source.now() + ROUND;
        let archived = self.directory.archived().await?.into_iter();
        let archived: HashMap<_, _> = archived.map(|row| (row.org, row)).collect();
        let (mut after, mut sum, mut failed) = (None, Copied::default(), None);
        loop {
            let (page, next) = self.directory.all_organizations(after, PAGE).await?;
            let copies = page.iter().map(|org| self.copy(org, archived.get(&org.id), until));
            let mut copies = stream::iter(copies).buffer_unordered(AT_ONCE);
            while let Some(copied) = copies.next().await {
                match copied {
                    Ok(0) => {}
                    Ok(entries) => sum = sum.and(entries),
                    Err(error) => failed = failed.or(Some(error)),
                }
            }
            after = next;
            if after.is_none() || self.source.now() >= until {
                return failed.map_or(Ok(sum), Err);
            }
        }
    }

    /// Copies what is new of one journal; how many entries. The table of an organisation that is being deleted may be gone by now.
    async fn copy(&self, org: &Organization, before: Option<&Archived>, until: Timestamp) -> Result<u64, ServiceError> {
        match self.copy_new(org, before, until).await {
            Err(ServiceError::Failed(_)) if org.status == OrgStatus::Deleting => Ok(0),
            copied => copied,
        }
    }

    async fn copy_new(
        &self,
        org: &Organization,
        before: Option<&Archived>,
        until: Timestamp,
    ) -> Result<u64, ServiceError> {
        let Some(table) = self.journal(org) else { return Ok(0) };
        let generation = org.generation;
        let known = before.filter(|archived| archived.generation == generation);
        let known = known.cloned().unwrap_or_else(|| Archived::nothing(org.id, generation));
        let latest = table.journal_head().await?;
        if let Some(diverged) = Diverged::of(&known, &latest) {
            tell(org.id, &diverged);
            return Ok(0);
        }
        let (mut archived, mut entries) = (known.clone(), 0);
        for _ in 0..OBJECTS {
            if archived.sequence >= latest.sequence || self.source.now() >= until {
                break;
            }
            entries += self.copy_piece(org, &table, &mut archived).await?;
        }
        if archived != known {
            self.directory.put_archived(&archived).await?;
        }
        Ok(entries)
    }

    /// Copies the next entries; how many. Where they were copied before, it goes on after them.
    async fn copy_piece(
        &self,
        org: &Organization,
        table: &OrgTable,
        archived: &mut Archived,
    ) -> Result<u64, ServiceError> {
        let entries = table.journal_after(archived.sequence, ENTRIES).await?;
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
            return Ok(0);
        };
        if first.previous != archived.hash {
            tell(org.id, &Diverged::Rewritten(archived.sequence));
        }
        let latest = table.journal_head().await?.sequence;
        let keys = &self.journal_keys;
        let head = SignedHead::unsigned(org.id, Head::from(last), self.source.now(), keys.present().to_owned());
        let head = keys.sign(head.of_part(first.sequence, latest)).await?;
        let key = key(org.id, archived.generation, archived.sequence + 1);
        let (body, count) = (piece(&entries, &head), entries.len());
        if self
            .archive
            .put_new(&key, body.into_bytes(), "application/x-ndjson")
            .await?
        {
            (archived.sequence, archived.hash) = (last.sequence, last.hash.clone());
            return Ok(u64::try_from(count).unwrap_or_default());
        }
        let there = self.archive.get(&key).await?.and_then(|bytes| head_of(&bytes));
        let there = there.ok_or_else(|| ServiceError::Failed(format!("{key} is no piece of a journal")))?;
        (archived.sequence, archived.hash) = (there.sequence, there.hash);
        Ok(0)
    }

    /// The organisation's table, whatever the organisation's state: what was written before it was closed is copied as well.
    fn journal(&self, org: &Organization) -> Option<OrgTable> {
        let (reader, table) = (READER.to_owned(), org.table.clone()?);
        let grant = Grant::for_task(org.id, reader, OrgStatus::Active, Some(table));
        self.tables.open(&grant).ok()
    }
}

impl Copied {
    fn and(self, entries: u64) -> Self {
        Self {
            organizations: self.organizations + 1,
            entries: self.entries + entries,
        }
    }
}

impl Diverged {
    /// How the end of a journal shows that it is not what was copied, where it does.
    fn of(archived: &Archived, latest: &Head) -> Option<Self> {
        let (now, copied) = (latest.sequence, archived.sequence);
        match now.cmp(&copied) {
            Ordering::Less => Some(Self::Shorter { now, copied }),
            Ordering::Equal if latest.hash != archived.hash => Some(Self::Rewritten(copied)),
            _ => None,
        }
    }
}

/// Tells staff, by way of the log: somebody has changed what nobody may.
fn tell(org: OrgId, diverged: &Diverged) {
    tracing::error!(%org, %diverged, "a journal is not what was copied of it");
}

/// An object's key. Keys sort as the entries do.
fn key(org: OrgId, generation: u32, first: u64) -> String {
    format!("journal/{org}/{generation:010}/{first:020}.ndjson")
}

/// An object's text: lines as in an export, the signed head last.
fn piece(entries: &[Entry], head: &SignedHead) -> String {
    let mut text = String::new();
    for entry in entries {
        let _ = writeln!(text, "{}", entry.line());
    }
    let _ = writeln!(text, "{}", head.line());
    text
}

/// The head that closes an object.
fn head_of(bytes: &[u8]) -> Option<SignedHead> {
    let text = std::str::from_utf8(bytes).ok()?;
    serde_json::from_str(text.lines().last()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::journal::{Event, Origin};

    const ORG: &str = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC";

    fn entry(head: &Head) -> Entry {
        let event = Event {
            action: "device.created",
            resource: "dev_1".into(),
            before: None,
            after: None,
        };
        Entry::after(head, event, "usr_1", &Origin::default(), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn an_object_is_an_export_that_its_own_head_closes() {
        let org: OrgId = ORG.parse().unwrap();
        let first = entry(&Head::default());
        let second = entry(&Head::from(&first));
        let head = SignedHead::unsigned(org, Head::from(&second), Timestamp::UNIX_EPOCH, "k".into()).of_part(1, 2);
        let text = piece(&[first, second], &head);
        assert_eq!(head_of(text.as_bytes()), Some(head));
        let mut verifier = domain::journal::Verifier::new(None, Vec::new());
        text.lines().for_each(|line| verifier.line(line));
        let verdict = verifier.finish();
        assert_eq!((verdict.confirmed, verdict.divergences), (2, vec![]));
        assert_eq!(head_of(b"not a piece"), None);
    }

    #[test]
    fn keys_sort_as_the_entries_do() {
        let org: OrgId = ORG.parse().unwrap();
        let keys = [(1, 1), (1, 9), (1, 10), (2, 1), (10, 1)].map(|(generation, first)| key(org, generation, first));
        assert!(keys.is_sorted(), "{keys:?}");
    }

    #[test]
    fn a_journal_that_lost_or_changed_its_end_is_told_of() {
        let archived = Archived {
            sequence: 7,
            hash: "ab".to_owned(),
            ..Archived::nothing(ORG.parse().unwrap(), 1)
        };
        let head = |sequence, hash: &str| Head {
            sequence,
            hash: hash.to_owned(),
        };
        assert_eq!(Diverged::of(&archived, &head(7, "ab")), None);
        assert_eq!(Diverged::of(&archived, &head(8, "cd")), None);
        assert_eq!(Diverged::of(&archived, &head(7, "cd")), Some(Diverged::Rewritten(7)));
        let shorter = Diverged::Shorter { now: 6, copied: 7 };
        assert_eq!(Diverged::of(&archived, &head(6, "ab")), Some(shorter));
    }
}
