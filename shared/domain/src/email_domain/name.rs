//! The names of e-mail domains.

use super::providers;
use crate::text::Email;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Longest name, in bytes: the challenge's label and a dot fit before it into a name of 253 (RFC 1035 section 2.3.4).
const MOST_BYTES: usize = 253 - super::CHALLENGE_LABEL.len() - 1;

/// What stands behind the `@` of addresses: a dotted name in lower-case ASCII, where it has other letters in Punycode (RFC 5891 section 4.4).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 3, max_length = 231, examples("acme.example"))]
pub struct DomainName(String);

/// A text that is no domain's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a domain such as acme.example, of at most 231 characters in ASCII")]
pub struct DomainNameError;

/// Why nobody can have a domain's people for members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unclaimable {
    /// Names are registered below it.
    #[error("is a public suffix, below which anybody registers names (https://publicsuffix.org)")]
    PublicSuffix,
    /// Its people have nothing in common but their provider.
    #[error("is a public e-mail provider's: anybody has an address there")]
    Provider,
}

impl DomainName {
    /// Takes a name as somebody typed it, with or without a dot at its end.
    pub fn parse(text: &str) -> Result<Self, DomainNameError> {
        let text = text.trim();
        let text = text.strip_suffix('.').unwrap_or(text);
        let name = idna::domain_to_ascii_strict(text).map_err(|_| DomainNameError)?;
        let (_, last) = name.rsplit_once('.').ok_or(DomainNameError)?;
        // An address of four numbers is no name.
        let number = last.bytes().all(|byte| byte.is_ascii_digit());
        (!number && name.len() <= MOST_BYTES)
            .then_some(Self(name))
            .ok_or(DomainNameError)
    }

    /// The domain of an address; none where it is no name that DNS could know.
    pub fn of(address: &Email) -> Option<Self> {
        let (_, domain) = address.as_str().rsplit_once('@')?;
        Self::parse(domain).ok()
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether an organisation can have it, or why none can.
    pub fn claimable(&self) -> Result<(), Unclaimable> {
        let registered = psl::domain_str(&self.0).ok_or(Unclaimable::PublicSuffix)?;
        match providers::has(registered) {
            true => Err(Unclaimable::Provider),
            false => Ok(()),
        }
    }
}

impl TryFrom<String> for DomainName {
    type Error = DomainNameError;
    fn try_from(text: String) -> Result<Self, DomainNameError> {
        Self::parse(&text)
    }
}

impl FromStr for DomainName {
    type Err = DomainNameError;
    fn from_str(text: &str) -> Result<Self, DomainNameError> {
        Self::parse(text)
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    #[test]
    fn a_name_has_one_spelling() {
        for text in ["acme.example", " ACME.Example ", "acme.example."] {
            assert_eq!(name(text).as_str(), "acme.example", "{text}");
        }
        for text in [
            "Bücher.example",
            "BÜCHER.example",
            "xn--bcher-kva.example",
            "bücher。example",
        ] {
            assert_eq!(name(text).as_str(), "xn--bcher-kva.example", "{text}");
        }
        assert_eq!(name("a-b.x1.example").as_str(), "a-b.x1.example");
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let long = format!("{}.example", vec!["a".repeat(60); 4].join("."));
        for wrong in [
            "",
            ".",
            "example",
            "acme..example",
            ".acme.example",
            "-acme.example",
            "acme-.example",
            "_dmarc.acme.example",
            "ac me.example",
            "ada@acme.example",
            "acme.example/x",
            "10.0.0.1",
            "xn--a.example",
            "*.example",
            &long,
        ] {
            assert_eq!(DomainName::parse(wrong), Err(DomainNameError), "{wrong}");
        }
        let longest = format!("{}.{}.example", vec!["a".repeat(60); 3].join("."), "b".repeat(40));
        assert_eq!(name(&longest).as_str().len(), MOST_BYTES);
        assert!(DomainName::parse(&format!("b{longest}")).is_err());
    }

    #[test]
    fn an_address_is_of_the_domain_behind_its_sign_and_of_no_other() {
        let of = |text: &str| DomainName::of(&Email::parse(text).unwrap()).map(|name| name.0);
        assert_eq!(of("Ada@Acme.Example").as_deref(), Some("acme.example"));
        assert_eq!(of("ada@mail.acme.example").as_deref(), Some("mail.acme.example"));
        assert_eq!(of("ada@xn--a.example"), None);
    }

    #[test]
    fn nobody_claims_what_is_everybodys() {
        for suffix in ["co.uk", "github.io", "xn--55qx5d.cn", "公司.cn", "s3.amazonaws.com"] {
            assert_eq!(name(suffix).claimable(), Err(Unclaimable::PublicSuffix), "{suffix}");
        }
        for provider in [
            "gmail.com",
            "GMail.com",
            "outlook.com",
            "mail.yahoo.com",
            "proton.me",
            "mailinator.com",
        ] {
            assert_eq!(name(provider).claimable(), Err(Unclaimable::Provider), "{provider}");
        }
        for own in [
            "acme.example",
            "acme.co.uk",
            "plant.acme.com",
            "acme.github.io",
            "notgmail.com",
            "gmail.com.acme.com",
        ] {
            assert_eq!(name(own).claimable(), Ok(()), "{own}");
        }
    }
}
