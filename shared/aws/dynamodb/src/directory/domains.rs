//! E-mail domains. Each is a row under its organisation; a verified one has two more, in whose transaction its state changes: whose it is, which
//! makes it one organisation's alone, and its place in the list of all of them.
//!
//! In write units: registered 2 and its journal entry, verified or lapsed 6 and the entry.

use super::Directory;
use crate::table::{Range, Walk};
use crate::transaction::{Change, Guard, Refused};
use crate::{OrgTable, keys};
use domain::email_domain::{DomainName, DomainStatus, EmailDomain};
use domain::{OrgId, ServiceError};
use serde::{Deserialize, Serialize};

/// Most domains of one organisation that are read: more than there can be.
const ALL: usize = 1_000;

/// Whose a verified domain is.
#[derive(Serialize, Deserialize)]
pub(super) struct Held {
    pub(super) domain: DomainName,
    pub(super) org: OrgId,
}

impl Directory {
    /// Registers a domain. `Refused::Write(0)`: the organisation has it already.
    pub async fn create_domain(&self, table: &OrgTable, change: Change, domain: &EmailDomain) -> Result<(), Refused> {
        let key = keys::domain(table.org(), &domain.domain);
        table
            .commit(change.put(&self.table, &key, domain, Guard::Absent)?)
            .await
    }

    /// One domain of an organisation.
    pub async fn domain(&self, org: OrgId, name: &DomainName) -> Result<Option<EmailDomain>, ServiceError> {
        self.table.get(&keys::domain(org, name)).await
    }

    /// The domains of an organisation, a page of them after `after`.
    pub async fn domains(
        &self,
        org: OrgId,
        after: Option<DomainName>,
        limit: usize,
    ) -> Result<(Vec<EmailDomain>, Option<DomainName>), ServiceError> {
        let after = after.map(|name| keys::domain(org, &name).sk);
        let walk = Walk {
            ascending: true,
            after: after.as_deref(),
            limit,
        };
        let (pk, range) = (keys::org(org).pk, Range::Prefix(keys::DOMAIN_PREFIX));
        let name = |domain: &EmailDomain| domain.domain.clone();
        self.table.page(&pk, range, walk, name).await
    }

    /// The organisation that has a domain.
    pub async fn domain_owner(&self, name: &DomainName) -> Result<Option<OrgId>, ServiceError> {
        let held: Option<Held> = self.table.get(&keys::domain_owner(name)).await?;
        Ok(held.map(|held| held.org))
    }

    /// The verified domains of all organisations, a page of them after `after`.
    pub async fn verified_domains(
        &self,
        after: Option<DomainName>,
        limit: usize,
    ) -> Result<(Vec<(DomainName, OrgId)>, Option<DomainName>), ServiceError> {
        let walk = Walk {
            ascending: true,
            after: after.as_ref().map(DomainName::as_str),
            limit,
        };
        let name = |held: &Held| held.domain.clone();
        let (page, next) = self.table.page(keys::DOMAINS, Range::All, walk, name).await?;
        Ok((page.into_iter().map(|held| (held.domain, held.org)).collect(), next))
    }

    /// Adds to a change the next version of a domain whose state stays as it is. The write is refused where that is not the next one any more.
    pub fn with_domain(&self, change: Change, org: OrgId, domain: &EmailDomain) -> Result<Change, ServiceError> {
        let key = keys::domain(org, &domain.domain);
        change.put(&self.table, &key, domain, Guard::Version(domain.version - 1))
    }

    /// Adds the same of one that is verified from now on. Refused, too, where another organisation has it.
    pub fn with_domain_verified(
        &self,
        change: Change,
        org: OrgId,
        domain: &EmailDomain,
    ) -> Result<Change, ServiceError> {
        let name = &domain.domain;
        let held = Held {
            domain: name.clone(),
            org,
        };
        self.with_domain(change, org, domain)?
            .put(&self.table, &keys::domain_owner(name), &held, Guard::Absent)?
            .put(&self.table, &keys::domain_listed(name), &held, Guard::None)
    }

    /// Adds the same of one that is verified no more.
    pub fn with_domain_lapsed(&self, change: Change, org: OrgId, domain: &EmailDomain) -> Result<Change, ServiceError> {
        let change = self.with_domain(change, org, domain)?;
        self.with_domain_released(change, org, &domain.domain)
    }

    /// Stores a domain's next version. `Refused::Write(0)`: it is not the next one any more.
    pub async fn update_domain(&self, table: &OrgTable, change: Change, domain: &EmailDomain) -> Result<(), Refused> {
        table.commit(self.with_domain(change, table.org(), domain)?).await
    }

    /// Takes a domain away. `Refused::Write(0)`: it has another version by now.
    pub async fn delete_domain(&self, table: &OrgTable, change: Change, domain: &EmailDomain) -> Result<(), Refused> {
        let (org, name) = (table.org(), &domain.domain);
        let change = change.delete(&self.table, &keys::domain(org, name), Guard::Version(domain.version))?;
        table
            .commit(match domain.status {
                DomainStatus::Pending => change,
                DomainStatus::Verified => self.with_domain_released(change, org, name)?,
            })
            .await
    }

    fn with_domain_released(&self, change: Change, org: OrgId, name: &DomainName) -> Result<Change, ServiceError> {
        change
            .delete(&self.table, &keys::domain_owner(name), Guard::HeldBy(org))?
            .delete(&self.table, &keys::domain_listed(name), Guard::None)
    }

    /// Lets go of what an organisation has that is deleted; its own rows stay for now, so that a crash in between leaves them to be found. One
    /// that was let go of before may be another's by now, and stays.
    pub(super) async fn release_domains(&self, org: OrgId) -> Result<(), ServiceError> {
        let (domains, _) = self.domains(org, None, ALL).await?;
        for domain in domains {
            let change = self.with_domain_released(Change::silent(), org, &domain.domain)?;
            match change.send(&self.table).await {
                Ok(()) | Err(Refused::Write(_)) => {}
                Err(Refused::Service(error)) => return Err(error),
            }
        }
        Ok(())
    }
}
