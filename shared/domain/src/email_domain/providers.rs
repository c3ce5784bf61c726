//! Public e-mail providers, reviewed by hand: those where people sign up for themselves, the mail of internet access, forwarding and throw-away
//! addresses. It is the second wall: the first is that nobody but a provider publishes records of its domain.
//!
//! They stand in `providers.txt`, a registrable name a line, sorted. What is missing there goes in at its place.

const ALL: &str = include_str!("providers.txt");

/// Whether a registrable name is a provider's.
pub(super) fn has(name: &str) -> bool {
    ALL.lines().any(|provider| provider == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::email_domain::DomainName;

    #[test]
    fn they_are_sorted_registrable_names_each_once() {
        assert!(ALL.lines().is_sorted_by(|one, next| one < next));
        for name in ALL.lines() {
            assert_eq!(DomainName::parse(name).unwrap().as_str(), name);
            assert_eq!(psl::domain_str(name), Some(name));
        }
    }
}
