//! Restoring an organisation's table: a copy as it was at a moment, whose items then go into the table of the next generation. The rows go
//! from table to table and are shown to nobody.

mod digest;

pub use digest::Digest;

use crate::cell::{self, Item};
use crate::keys::{self, Key};
use crate::org::OrgTables;
use crate::table::{Range, Table, Walk};
use aws_errors::failed;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::primitives::DateTime;
use aws_sdk_dynamodb::types::TableStatus;
use domain::ServiceError;
use domain::journal::{Entry, Head};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Items read together: few enough that they are written in some seconds, even when DynamoDB throttles.
const PAGE: i32 = 250;
/// Entries of the journal that are checked together.
const ENTRIES: usize = 500;

/// What came of asking for a copy of a table as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It is being made, or was asked for before.
    Begun,
    /// The table's backup does not reach to that moment: not back to it, or not yet (the latest five minutes cannot be restored).
    OutOfReach,
}

/// Where a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableState {
    /// There is none of that name.
    Missing,
    /// It is being made or deleted.
    Busy,
    /// It can be used.
    Ready,
}

/// Where a walk over a table has got to: after this item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pk: String,
    sk: String,
}

/// One page of a walk over a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalkedPage {
    /// What was in it.
    pub digest: Digest,
    /// Where the next begins; none after the last.
    pub next: Option<Place>,
}

/// How far the check of a journal has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chain {
    /// Unbroken to here; there is more.
    More(Head),
    /// Unbroken to its end.
    Whole(Head),
    /// Broken after the entry of this place.
    Broken(u64),
}

/// A table and the one that its items go into.
pub struct TableCopy {
    from: Table,
    to: Table,
    at: Timestamp,
    lasting: Timestamp,
}

impl OrgTables {
    /// Begins to make the table `target` out of `source` as it was at a moment, to the second. Asking twice makes one.
    pub async fn restore(&self, source: &str, target: &str, at: Timestamp) -> Result<Asked, ServiceError> {
        let call = self.client.restore_table_to_point_in_time().source_table_name(source);
        let call = call.target_table_name(target);
        let call = call.restore_date_time(DateTime::from_secs(at.as_second()));
        let Err(error) = call.send().await else {
            return Ok(Asked::Begun);
        };
        match error.code() {
            Some("TableAlreadyExistsException") => Ok(Asked::Begun),
            Some("InvalidRestoreTimeException" | "PointInTimeRecoveryUnavailableException") => Ok(Asked::OutOfReach),
            _ => Err(failed(error)),
        }
    }

    /// Where a table is.
    pub async fn table_state(&self, name: &str) -> Result<TableState, ServiceError> {
        let answer = match self.client.describe_table().table_name(name).send().await {
            Ok(answer) => answer,
            Err(error) if error.code() == Some("ResourceNotFoundException") => return Ok(TableState::Missing),
            Err(error) => return Err(failed(error)),
        };
        let status = answer.table.and_then(|table| table.table_status);
        Ok(match status.as_ref().map(TableStatus::as_str) {
            // One that is being updated can be read and written.
            Some("ACTIVE" | "UPDATING") => TableState::Ready,
            _ => TableState::Busy,
        })
    }

    /// Begins to delete a table; whether it is gone, or will be without being asked again. One that is still being made cannot be deleted yet.
    pub async fn delete_table(&self, name: &str) -> Result<bool, ServiceError> {
        match self.client.delete_table().table_name(name).send().await {
            Ok(_) => Ok(true),
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(true),
            Err(error) if error.code() == Some("ResourceInUseException") => Ok(false),
            Err(error) => Err(failed(error)),
        }
    }

    /// The way from one table into another. Items whose time to live is over `at` that moment stay behind; those that go by themselves before
    /// `lasting` are copied and not counted, since one table may still have what the other has let go.
    pub fn copy(&self, from: &str, to: &str, at: Timestamp, lasting: Timestamp) -> TableCopy {
        let table = |name: &str| Table {
            client: self.client.clone(),
            name: name.to_owned(),
        };
        let (from, to) = (table(from), table(to));
        TableCopy { from, to, at, lasting }
    }
}

impl TableCopy {
    /// Copies a page of items from `after` on, or from the beginning. Copying a page again writes the same items.
    pub async fn copy_page(&self, after: Option<&Place>) -> Result<WalkedPage, ServiceError> {
        let (mut items, next) = self.from.scan(after).await?;
        items.retain(|item| ends_at(item).is_none_or(|end| end > self.at.as_second()));
        let digest = self.digest(&items);
        self.to.put_many(items).await?;
        Ok(WalkedPage { digest, next })
    }

    /// Reads a page of the copy again.
    pub async fn read_page(&self, after: Option<&Place>) -> Result<WalkedPage, ServiceError> {
        let (items, next) = self.to.scan(after).await?;
        let digest = self.digest(&items);
        Ok(WalkedPage { digest, next })
    }

    /// Checks some more links of the copy's journal, each against the one before.
    pub async fn check_journal(&self, head: Head) -> Result<Chain, ServiceError> {
        let after = keys::journal_entry(head.sequence).sk;
        let walk = Walk {
            ascending: true,
            after: Some(&after),
            limit: ENTRIES,
        };
        let slice = self.to.query::<Entry>(keys::JOURNAL, Range::All, walk).await?;
        let checked = slice
            .items
            .into_iter()
            .try_fold(head, |head, entry| follow(&head, entry));
        Ok(match (checked, slice.next) {
            (Ok(head), Some(_)) => Chain::More(head),
            (Ok(head), None) => Chain::Whole(head),
            (Err(sequence), _) => Chain::Broken(sequence),
        })
    }

    fn digest(&self, items: &[Item]) -> Digest {
        let lasting = self.lasting.as_second();
        let counted = items
            .iter()
            .filter(|item| ends_at(item).is_none_or(|end| end > lasting));
        counted.fold(Digest::default(), Digest::with)
    }
}

/// The head after one more entry, or the place of the last before the break.
fn follow(head: &Head, entry: Entry) -> Result<Head, u64> {
    let attached = entry.sequence == head.sequence + 1 && entry.previous == head.hash;
    if !attached || entry.compute_hash() != entry.hash {
        return Err(head.sequence);
    }
    Ok(Head {
        sequence: entry.sequence,
        hash: entry.hash,
    })
}

/// When an item goes by itself (Unix seconds), where it does.
fn ends_at(item: &Item) -> Option<i64> {
    item.get("expires_at")?.as_n().ok()?.parse().ok()
}

impl Table {
    /// A page of all items, in no particular order.
    async fn scan(&self, after: Option<&Place>) -> Result<(Vec<Item>, Option<Place>), ServiceError> {
        let start = after.map(|place| {
            let Place { pk, sk } = place.clone();
            Key { pk, sk }.cells()
        });
        let scan = self.client.scan().table_name(&self.name).consistent_read(true);
        let scan = scan.limit(PAGE).set_exclusive_start_key(start);
        let answer = scan.send().await.map_err(failed)?;
        let next = answer.last_evaluated_key.and_then(|key| {
            Some(Place {
                pk: cell::text(&key, "pk")?.to_owned(),
                sk: cell::text(&key, "sk")?.to_owned(),
            })
        });
        Ok((answer.items.unwrap_or_default(), next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::journal::{Event, Origin};

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
    fn a_journal_is_followed_link_by_link() {
        let first = entry(&Head::default());
        let head = follow(&Head::default(), first.clone()).unwrap();
        assert_eq!((head.sequence, &head.hash), (1, &first.hash));
        let second = entry(&head);
        assert_eq!(follow(&head, second.clone()).map(|head| head.sequence), Ok(2));
        let forged = Entry {
            actor: "usr_2".into(),
            ..second.clone()
        };
        assert_eq!(follow(&head, forged), Err(1));
        assert_eq!(follow(&Head::default(), second), Err(0));
        assert_eq!(follow(&head, first), Err(1));
    }
}
