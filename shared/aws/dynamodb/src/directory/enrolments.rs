//! Memberships that follow from the domain of somebody's address: each person is brought into an organisation once, and never where they were
//! taken out by hand or have left. Two rows say so, one under the person and one under the organisation, so that the end of either finds both.
//!
//! In write units: brought in 8 with its place, and the journal entry; in read units, to see that there is nothing to do: 1 a sign-in, 4 at a
//! verified domain.

use super::Directory;
use super::members::Member;
use crate::cell::text;
use crate::keys::{self, Key};
use crate::table::from_item;
use crate::transaction::{Change, Guard};
use domain::email_domain::{DomainName, EmailDomain};
use domain::{OrgId, ServiceError, UserId};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Enrolled {
    user: UserId,
    org: OrgId,
}

/// The other of the two rows, of one under the person.
pub(super) fn twin(user: UserId, sk: &str) -> Option<Key> {
    let org = sk.strip_prefix(keys::ENROLLED_PREFIX)?.parse().ok()?;
    Some(keys::enrolled_in(org, user))
}

impl Directory {
    /// The organisation that somebody with an address at a domain is still to be brought into, and the domain as it has it.
    pub async fn awaits_enrolment(
        &self,
        user: UserId,
        name: &DomainName,
    ) -> Result<Option<(OrgId, EmailDomain)>, ServiceError> {
        let Some(org) = self.domain_owner(name).await? else {
            return Ok(None);
        };
        let wanted = [
            keys::domain(org, name),
            keys::membership(user, org),
            keys::enrolled(user, org),
        ];
        let mut found = self.table.get_many(&wanted).await?;
        // There is the domain, and neither a place nor a word that there is to be none.
        let domain = found
            .pop()
            .filter(|item| found.is_empty() && text(item, "domain").is_some());
        let domain: Option<EmailDomain> = domain.map(from_item).transpose()?;
        Ok(domain.filter(EmailDomain::enrols).map(|domain| (org, domain)))
    }

    /// Adds to a change that somebody is a member by their domain. Refused where they are one, were brought in before or taken out by hand, where the
    /// domain has changed since it was read, and where their account is being deleted.
    pub fn with_enrolment(
        &self,
        change: Change,
        member: &Member,
        domain: &EmailDomain,
    ) -> Result<Change, ServiceError> {
        let Member { org, user, .. } = *member;
        let enrolled = Enrolled { user, org };
        let change = self
            .add_member(change, member)?
            .put(&self.table, &keys::enrolled(user, org), &enrolled, Guard::Absent)?
            .put(&self.table, &keys::enrolled_in(org, user), &enrolled, Guard::None)?
            .check(
                &self.table,
                &keys::domain(org, &domain.domain),
                Guard::Version(domain.version),
            )?;
        self.with_account_there(change, user)
    }

    /// Adds to a change that no domain brings somebody into an organisation any more.
    pub(super) fn without_enrolment(&self, change: Change, user: UserId, org: OrgId) -> Result<Change, ServiceError> {
        let enrolled = Enrolled { user, org };
        change
            .put(&self.table, &keys::enrolled(user, org), &enrolled, Guard::None)?
            .put(&self.table, &keys::enrolled_in(org, user), &enrolled, Guard::None)
    }
}
