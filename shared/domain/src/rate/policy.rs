//! How much each kind of subject may ask for: the one table of quotas, which a deployment fills in.

use std::str::FromStr;

/// Of whole blocks, a quota has one for each second of the minute.
const BLOCKS: u32 = 60;
/// The most requests a minute that a deployment can admit: a thousand environments, each answering within 6 ms.
const MOST: u32 = 10_000_000;

/// A kind of subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// A person who has signed in.
    Person,
    /// A program with an API key.
    Key,
    /// A machine with a session of its own.
    Machine,
    /// A device with a session of its own.
    Device,
    /// Whoever calls from one network without credentials.
    Network,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Person, Self::Key, Self::Machine, Self::Device, Self::Network];

    /// The name by which headers and configuration know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Key => "key",
            Self::Machine => "machine",
            Self::Device => "device",
            Self::Network => "network",
        }
    }
}

/// What one subject may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Whose it is.
    pub class: Class,
    /// Requests a minute, at least 1.
    pub quota: u32,
}

impl Policy {
    /// How many requests an environment leases at a time at most: a second's worth, at least 1.
    pub fn block(self) -> u32 {
        (self.quota / BLOCKS).max(1)
    }
}

/// The policy of every class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policies([u32; Class::ALL.len()]);

/// A text that does not name a quota for every class.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "rate limits must name each of person, key, machine, device, network once, with 1 to 10000000 requests a minute: {0}"
)]
pub struct PolicyError(String);

impl Policies {
    /// The policy of a class.
    pub fn of(&self, class: Class) -> Policy {
        Policy {
            class,
            quota: self.0[class as usize],
        }
    }
}

impl FromStr for Policies {
    type Err = PolicyError;

    /// Reads `person=1200 key=6000 ...`: each class once, in any order.
    fn from_str(text: &str) -> Result<Self, PolicyError> {
        let error = || PolicyError(text.to_owned());
        let mut quotas = [0; Class::ALL.len()];
        for entry in text.split_ascii_whitespace() {
            let (name, quota) = entry.split_once('=').ok_or_else(error)?;
            let class = Class::ALL.into_iter().find(|class| class.name() == name);
            let quota = quota.parse().ok().filter(|quota| (1..=MOST).contains(quota));
            let place = &mut quotas[class.ok_or_else(error)? as usize];
            if *place != 0 {
                return Err(error());
            }
            *place = quota.ok_or_else(error)?;
        }
        match quotas.contains(&0) {
            true => Err(error()),
            false => Ok(Self(quotas)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_one_quota() {
        let policies: Policies = "key=6000 person=1200 machine=6001 device=59 network=1".parse().unwrap();
        let told = Class::ALL.map(|class| (policies.of(class).quota, policies.of(class).block()));
        assert_eq!(told, [(1200, 20), (6000, 100), (6001, 100), (59, 1), (1, 1)]);
        for wrong in [
            "",
            "person=1200",
            "person=1200 key=6000 machine=6000 device=600",
            "person=1200 key=6000 machine=6000 device=600 network=0",
            "person=1200 key=6000 machine=6000 device=600 network=-1",
            "person=1200 key=6000 machine=6000 device=600 network=10000001",
            "person=1200 person=1200 machine=6000 device=600 network=600",
            "person=1200 key=6000 machine=6000 device=600 network=600 robot=1",
            "person:1200 key=6000 machine=6000 device=600 network=600",
        ] {
            assert!(wrong.parse::<Policies>().is_err(), "{wrong}");
        }
    }
}
