//! Entries from an address: found by the keys of those who were sent from there, without telling anybody an address.

use crate::App;
use aws_dynamodb::{JournalFilter, OrgTable};
use domain::journal::{Entry, PseudonymKey};
use domain::{ServiceError, UserId};
use std::collections::HashMap;
use std::net::IpAddr;

/// Most pages of the journal that one page of such a list looks at; one looks at 2,000 entries.
const LOOKED_AT: usize = 3;
/// Entries that are looked at together.
const PAGE: usize = 200;

/// The keys under which entries tell their addresses.
struct Keys<'a> {
    app: &'a App,
    people: HashMap<UserId, Option<PseudonymKey>>,
    machines: Option<PseudonymKey>,
}

/// A page of the entries that a filter admits and that came from an address, newest first, and where the next page begins.
pub async fn entries(
    app: &App,
    table: &OrgTable,
    (filter, address): (&JournalFilter, IpAddr),
    mut before: Option<u64>,
    limit: usize,
) -> Result<(Vec<Entry>, Option<u64>), ServiceError> {
    let mut keys = Keys::new(app, table).await?;
    let mut found = Vec::new();
    for _ in 0..LOOKED_AT {
        let (page, next) = table.journal(filter, before, PAGE).await?;
        keys.learn(&page).await?;
        found.extend(page.into_iter().filter(|entry| keys.tell(entry, address)));
        before = next;
        if found.len() > limit {
            found.truncate(limit);
            before = found.last().map(|entry: &Entry| entry.sequence);
        }
        if before.is_none() || found.len() >= limit {
            break;
        }
    }
    Ok((found, before))
}

impl<'a> Keys<'a> {
    async fn new(app: &'a App, table: &OrgTable) -> Result<Self, ServiceError> {
        let org = app.directory.organization(table.org()).await?;
        Ok(Self {
            app,
            people: HashMap::new(),
            machines: org.and_then(|org| org.machine_key),
        })
    }

    /// Looks up the keys of people who have not been met yet. Those who have left the organisation still have theirs.
    async fn learn(&mut self, page: &[Entry]) -> Result<(), ServiceError> {
        let actors = page.iter().filter_map(|entry| entry.actor.parse().ok());
        let mut new: Vec<UserId> = actors.filter(|actor| !self.people.contains_key(actor)).collect();
        new.sort_unstable();
        new.dedup();
        let mut found = self.app.directory.pseudonym_keys(&new).await?;
        self.people
            .extend(new.into_iter().map(|user| (user, found.remove(&user))));
        Ok(())
    }

    fn tell(&self, entry: &Entry, address: IpAddr) -> bool {
        let key = match entry.actor.parse::<UserId>() {
            Ok(user) => self.people.get(&user).and_then(Option::as_ref),
            Err(_) => self.machines.as_ref(),
        };
        entry.address.as_ref().is_some_and(|told| told.is(address, key))
    }
}
