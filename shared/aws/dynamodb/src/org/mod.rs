//! An organisation's own table. Opened with a [`Grant`] and with nothing else; every change goes through [`OrgTable::commit`], with its journal entry.

pub(crate) mod blocks;
pub(crate) mod check;
pub(crate) mod compaction;
pub(crate) mod device_check;
mod devices;
pub(crate) mod events;
pub(crate) mod files;
pub(crate) mod filtering;
pub(crate) mod filters;
pub(crate) mod future;
pub(crate) mod journal;
pub(crate) mod outcomes;
mod projects;
pub(crate) mod purge;
mod refusals;
pub(crate) mod settings;
pub(crate) mod streamers;
pub(crate) mod watch;

use crate::keys;
use crate::table::Table;
use crate::transaction::{Change, Guard, Refused};
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use domain::block_files::Files;
use domain::journal::Entry;
use domain::{Denied, Grant, OrgId, ServiceError, Source};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// How often a change is tried when others write the journal at the same moment.
const COMMIT_TRIES: u32 = 40;
/// How long it is tried: whoever asks waits, and its function has 15 seconds.
const COMMIT_BUDGET: SignedDuration = SignedDuration::from_secs(8);

/// Opens organisations' tables.
#[derive(Clone)]
pub struct OrgTables {
    pub(crate) client: Client,
    source: Source,
    files: Option<Arc<dyn Files>>,
}

/// One organisation's table, in the hands of somebody who may.
#[derive(Clone)]
pub struct OrgTable {
    pub(crate) table: Table,
    grant: Grant,
    source: Source,
    files: Option<Arc<dyn Files>>,
}

impl OrgTables {
    /// Opens tables with this configuration; times and jitter come from the source.
    pub fn new(aws: &SdkConfig, source: &Source) -> Self {
        Self {
            client: Client::new(aws),
            source: source.clone(),
            files: None,
        }
    }

    /// The same where readings are read, of which older ones lie in files.
    #[must_use]
    pub fn with_files(self, files: impl Files + 'static) -> Self {
        let files: Option<Arc<dyn Files>> = Some(Arc::new(files));
        Self { files, ..self }
    }

    /// The table of the grant's organisation. Refused while it has none.
    pub fn open(&self, grant: &Grant) -> Result<OrgTable, Denied> {
        let table = Table {
            client: self.client.clone(),
            name: grant.table()?.to_owned(),
        };
        Ok(OrgTable {
            table,
            grant: grant.clone(),
            source: self.source.clone(),
            files: self.files.clone(),
        })
    }
}

impl OrgTable {
    /// The time, as whoever opened the table has it.
    pub fn now(&self) -> Timestamp {
        self.source.now()
    }

    /// The organisation.
    pub fn org(&self) -> OrgId {
        self.grant.org()
    }

    /// Commits a change together with its journal entry. The entry takes the place after the latest; whoever is second tries again, after a
    /// pause that dice decide, for some seconds, and is then told to come again.
    ///
    /// An organisation's changes are one after the other, whatever DynamoDB could take besides: each entry names the hash of the one before, so
    /// it can be written only once that one is known. The ceiling is one change for the time of a read and a transaction one after the other, in
    /// the region some 15 to 20 ms: 50 to 60 changes a second. Uploads write no entries and do not count.
    pub async fn commit(&self, change: Change) -> Result<(), Refused> {
        let Some(event) = change.event.clone() else {
            return change.send(&self.table).await;
        };
        let until = self.source.now() + COMMIT_BUDGET;
        for attempt in 0..COMMIT_TRIES {
            let entry = Entry::after(
                &self.journal_head().await?,
                event.clone(),
                self.grant.actor(),
                self.grant.origin(),
                self.source.now(),
            );
            let key = keys::journal_entry(entry.sequence);
            let place = change.writes.len();
            match change
                .clone()
                .put(&self.table, &key, &entry, Guard::Absent)?
                .send(&self.table)
                .await
            {
                Err(Refused::Write(n)) if n == place => {}
                Err(Refused::Service(ServiceError::Busy(_))) => {}
                other => return other,
            }
            if self.source.now() >= until {
                break;
            }
            self.back_off(attempt).await;
        }
        Err(ServiceError::Busy("the journal is contended".into()).into())
    }

    /// Waits a random part of a time that doubles: 10, 20, 40 ... at most 2,560 milliseconds, by which a hundred writers are soon as few as get through.
    async fn back_off(&self, attempt: u32) {
        let [dice] = self.source.bytes::<1>();
        let most = 10_u64 << attempt.min(8);
        tokio::time::sleep(Duration::from_millis(most * u64::from(dice) / 255)).await;
    }
}
