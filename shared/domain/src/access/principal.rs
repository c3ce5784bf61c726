//! Who can have credentials.

use crate::{DeviceId, KeyId, MachineId, UserId};
use std::{fmt, str::FromStr};

/// Somebody or something with credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal {
    /// A person, signed in.
    User(UserId),
    /// A program with an API key.
    ApiKey(KeyId),
    /// A device, in a session of its own.
    Device(DeviceId),
    /// A machine that signed with an AWS role, in the session it got for it.
    Machine(MachineId),
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => id.fmt(f),
            Self::ApiKey(id) => id.fmt(f),
            Self::Device(id) => id.fmt(f),
            Self::Machine(id) => id.fmt(f),
        }
    }
}

impl FromStr for Principal {
    type Err = crate::IdError;
    fn from_str(text: &str) -> Result<Self, crate::IdError> {
        let key = || text.parse().map(Self::ApiKey);
        let device = || text.parse().map(Self::Device);
        let machine = || text.parse().map(Self::Machine);
        let person = text.parse().map(Self::User);
        person.or_else(|error| key().or_else(|_| device()).or_else(|_| machine()).map_err(|_| error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_back_by_its_name_and_nothing_else_is() {
        for kind in ["usr", "key", "dev", "mch"] {
            let name = format!("{kind}_01KAF2Z7M0V8Q4J3T6B9N5R1XC");
            assert_eq!(name.parse::<Principal>().unwrap().to_string(), name);
        }
        assert!("org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse::<Principal>().is_err());
    }
}
