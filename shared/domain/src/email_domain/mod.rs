//! E-mail domains that an organisation has proved to be its own, by a TXT record. Whoever signs in with a confirmed address there becomes a member,
//! once: who was taken out by hand, or has left, is not brought in again, and who is a member keeps their role.
//!
//! The address counts at the sign-in: another one later takes nobody's place away. Only the very domain counts, and none below it. The proof is
//! looked for again each day; what a look finds, and what follows, [`EmailDomain::look`] says.

mod name;
mod providers;

pub use name::{DomainName, DomainNameError, Unclaimable};

use crate::credential::ALPHABET;
use crate::{Role, Source};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The label below a domain at which its record is looked for: an underscored name, as RFC 8552 has it for such records.
const CHALLENGE_LABEL: &str = "_millwright-challenge";
/// What the record's text begins with.
const CHALLENGE_PREFIX: &str = "millwright-verification=";
/// Characters of a challenge: 26 of 5 bits each are 130 bits, which nobody guesses.
const CHALLENGE_LENGTH: usize = 26;

/// How long a verified domain's record may be missing before the domain is verified no more: longer than the move to another name server, or the
/// mending of one, takes.
pub const MISSING_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Whether an organisation has proved that a domain is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DomainStatus {
    /// Not yet, or not any more.
    Pending,
    /// It has, and no other organisation has the domain.
    Verified,
}

/// What a record must tell: that whoever publishes it has seen it here. It is no secret, since anybody can ask DNS for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge(String);

/// An organisation's domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailDomain {
    /// The domain.
    pub domain: DomainName,
    /// What its people become; never owner.
    pub role: Role,
    /// Whether they become it at present.
    pub enrolment: bool,
    /// Whether it is proved to be the organisation's.
    pub status: DomainStatus,
    /// What proves it.
    pub challenge: Challenge,
    /// Since when it is proved.
    pub verified_at: Option<Timestamp>,
    /// Since when the proof is missing, of a verified one.
    pub missing_since: Option<Timestamp>,
    /// Who registered it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Counts its changes.
    pub version: u64,
}

/// What a look at a verified domain's record brings about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looked {
    /// Nothing.
    Same,
    /// The record is missing from now on.
    Missing(EmailDomain),
    /// It is there again.
    Back(EmailDomain),
    /// It has been missing for too long: the domain is the organisation's no more.
    Lapsed(EmailDomain),
}

impl Challenge {
    /// A new one.
    pub fn new(source: &Source) -> Self {
        let random: [u8; CHALLENGE_LENGTH] = source.bytes();
        let letters = random
            .iter()
            .map(|byte| ALPHABET[usize::from(byte & 31)].to_ascii_lowercase());
        Self(letters.map(char::from).collect())
    }
}

impl EmailDomain {
    /// The name at which the record is looked for.
    pub fn record_name(&self) -> String {
        format!("{CHALLENGE_LABEL}.{}", self.domain)
    }

    /// The text that it must have.
    pub fn record_value(&self) -> String {
        format!("{CHALLENGE_PREFIX}{}", self.challenge.0)
    }

    /// Whether one of the texts found there is the proof.
    pub fn is_proved_by(&self, texts: &[String]) -> bool {
        texts.iter().any(|text| text.trim() == self.record_value())
    }

    /// Whether whoever signs in with an address there becomes a member.
    pub fn enrols(&self) -> bool {
        self.status == DomainStatus::Verified && self.enrolment
    }

    /// The domain as proved.
    #[must_use]
    pub fn verified(&self, now: Timestamp) -> Self {
        Self {
            status: DomainStatus::Verified,
            verified_at: Some(now),
            missing_since: None,
            ..self.next()
        }
    }

    /// What follows from a look at a verified domain's record, which was found or not.
    pub fn look(&self, found: bool, now: Timestamp) -> Looked {
        let next = self.next();
        match (found, self.missing_since) {
            (true, None) => Looked::Same,
            (true, Some(_)) => Looked::Back(Self {
                missing_since: None,
                ..next
            }),
            (false, None) => Looked::Missing(Self {
                missing_since: Some(now),
                ..next
            }),
            (false, Some(since)) if now.duration_since(since) < MISSING_FOR => Looked::Same,
            (false, Some(_)) => Looked::Lapsed(Self {
                status: DomainStatus::Pending,
                verified_at: None,
                missing_since: None,
                ..next
            }),
        }
    }

    fn next(&self) -> Self {
        Self {
            version: self.version + 1,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hour * 3_600).unwrap()
    }

    fn domain() -> EmailDomain {
        EmailDomain {
            domain: DomainName::parse("acme.example").unwrap(),
            role: Role::Viewer,
            enrolment: true,
            status: DomainStatus::Pending,
            challenge: Challenge("0abc".to_owned()),
            verified_at: None,
            missing_since: None,
            created_by: "usr_1".to_owned(),
            created_at: at(0),
            version: 1,
        }
    }

    #[test]
    fn the_record_is_proof_among_others_and_nothing_like_it_is() {
        let domain = domain();
        assert_eq!(domain.record_name(), "_millwright-challenge.acme.example");
        let proved =
            |texts: &[&str]| domain.is_proved_by(&texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>());
        assert!(proved(&["v=spf1 -all", " millwright-verification=0abc "]));
        for wrong in [
            "0abc",
            "millwright-verification=0abd",
            "millwright-verification=0ABC",
            "millwright-verification=0abc0",
        ] {
            assert!(!proved(&[wrong]), "{wrong}");
        }
        assert!(!proved(&[]));
    }

    #[test]
    fn a_domain_enrols_while_it_is_verified_and_wanted() {
        let pending = domain();
        let verified = pending.verified(at(1));
        assert_eq!((verified.verified_at, verified.version), (Some(at(1)), 2));
        let unwanted = EmailDomain {
            enrolment: false,
            ..verified.clone()
        };
        assert_eq!(
            [pending.enrols(), verified.enrols(), unwanted.enrols()],
            [false, true, false]
        );
    }

    #[test]
    fn a_record_may_be_missing_for_seven_days_and_no_longer() {
        let verified = domain().verified(at(0));
        assert_eq!(verified.look(true, at(24)), Looked::Same);
        let Looked::Missing(missing) = verified.look(false, at(24)) else {
            panic!("not missing")
        };
        assert!(missing.enrols());
        assert_eq!((missing.missing_since, missing.version), (Some(at(24)), 3));
        assert_eq!(missing.look(false, at(24 + 7 * 24 - 1)), Looked::Same);
        let Looked::Back(back) = missing.look(true, at(48)) else {
            panic!("not back")
        };
        assert_eq!((back.missing_since, back.version), (None, 4));
        let Looked::Lapsed(lapsed) = missing.look(false, at(24 + 7 * 24)) else {
            panic!("not lapsed")
        };
        assert_eq!(
            (lapsed.status, lapsed.verified_at, lapsed.missing_since),
            (DomainStatus::Pending, None, None)
        );
        assert_eq!((lapsed.enrols(), lapsed.version), (false, 4));
    }
}
