//! An organisation's table, as a worker has it: for what no route does.

use aws_dynamodb::{OrgTable, OrgTables};
use domain::organization::OrgStatus;
use domain::{Clock, Grant, Random, Source};
use jiff::Timestamp;
use tests::Organization;

/// A time that stands still, and dice that fall on nothing else: tests say what time it is.
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

impl Random for Still {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// Opens it.
pub async fn open(org: &Organization) -> OrgTable {
    let table = Some(org.table());
    let grant = Grant::for_task(org.id.parse().unwrap(), "worker".to_owned(), OrgStatus::Active, table);
    let tables = OrgTables::new(&crate::flows::mail::sdk().await, &Source::new(Still, Still));
    tables.open(&grant).unwrap_or_else(|denied| panic!("{denied}"))
}
