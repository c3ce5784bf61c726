//! Looking through an organisation's files, once a week: those that no block refers to are noted, and deleted when no restore can bring a block
//! back that does ([`UNUSED_KEPT`]).
//!
//! What there is is told by the bucket, what is needed by the table. So a file is found whatever left it behind: a crash before a row named it,
//! blocks that were deleted, expired or written anew, a device that was purged, a restore of the table to before it was written.
//!
//! Idempotency: notes are taken and taken back over one another; a file is deleted before its note, by which it is found again until then.

use super::Round;
use domain::ServiceError;
use domain::block_files::{BlockFile, UNUSED_KEPT};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use std::collections::HashMap;

/// How many files are looked at side by side.
const AT_ONCE: usize = 16;

/// What is to be noted of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    /// Nothing: it is as it was.
    None,
    /// No block refers to it any more.
    Unused,
    /// A block refers to it again.
    Used,
}

fn news(used: bool, noted: bool) -> News {
    match (used, noted) {
        (true, true) => News::Used,
        (false, false) => News::Unused,
        _ => News::None,
    }
}

fn is_due(since: Timestamp, now: Timestamp) -> bool {
    now.duration_since(since) >= UNUSED_KEPT
}

impl Round<'_> {
    /// Looks at a page of files, and deletes what is due after the last; the last of the page where there may be more.
    pub(super) async fn look(&self, after: Option<String>) -> Result<Option<String>, ServiceError> {
        let org = self.table.org();
        let (keys, next) = self.app.storage.list(&BlockFile::folder(org), after).await?;
        let noted: HashMap<_, _> = self.noted().await?.into_iter().collect();
        let files = keys
            .into_iter()
            .filter_map(|key| Some((BlockFile::of_key(org, &key)?, key)));
        let noted = &noted;
        let looks = files.map(|(file, key)| async move {
            let used = self.table.uses_file(&file).await?;
            let news = news(used, noted.contains_key(&key));
            self.note(&file, news).await
        });
        stream::iter(looks)
            .buffer_unordered(AT_ONCE)
            .try_for_each(async |()| Ok(()))
            .await?;
        if next.is_none() {
            self.clear().await?;
        }
        Ok(next)
    }

    async fn note(&self, file: &BlockFile, news: News) -> Result<(), ServiceError> {
        match news {
            News::None => Ok(()),
            News::Unused => self.table.note_unused_file(file, self.app.source.now()).await,
            News::Used => self.table.forget_unused_files(std::slice::from_ref(file)).await,
        }
    }

    /// The files that no block refers to, by their keys.
    async fn noted(&self) -> Result<Vec<(String, (BlockFile, Timestamp))>, ServiceError> {
        let noted = self.table.unused_files().await?.into_iter();
        let org = self.table.org();
        Ok(noted.map(|(file, since)| (file.key(org), (file, since))).collect())
    }

    /// Deletes what has been unused for long enough, and is so still.
    async fn clear(&self) -> Result<(), ServiceError> {
        let now = self.app.source.now();
        let (mut keys, mut files) = (Vec::new(), Vec::new());
        for (key, (file, since)) in self.noted().await? {
            if is_due(since, now) && !self.table.uses_file(&file).await? {
                keys.push(key);
                files.push(file);
            }
        }
        self.app.storage.delete_all(keys).await?;
        self.table.forget_unused_files(&files).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn what_is_unused_is_noted_once_and_forgotten_when_it_is_used() {
        assert_eq!((news(false, false), news(false, true)), (News::Unused, News::None));
        assert_eq!((news(true, true), news(true, false)), (News::Used, News::None));
    }

    #[test]
    fn a_file_goes_when_no_restore_reaches_its_last_block() {
        let day = SignedDuration::from_hours(24);
        let since: Timestamp = "2026-01-01T01:10:00Z".parse().unwrap();
        assert!(!is_due(since, since + 42 * day));
        assert!(is_due(since, since + 43 * day));
    }
}
