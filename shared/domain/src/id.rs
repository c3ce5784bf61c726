//! Typed ids: a prefix that names the kind and a ULID, such as `dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC`.
//!
//! There is one spelling of each id (upper-case Crockford base 32), so that an id can be a key. To add a kind, add a line to `ids!`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};
use ulid::Ulid;

/// Length of a ULID in Crockford base 32 (<https://github.com/ulid/spec>).
pub const ULID_LENGTH: usize = 26;

/// A text that is not an id of the kind that was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an id of the form {prefix}_ and 26 characters of upper-case Crockford base 32")]
pub struct IdError {
    /// The prefix that was expected, without the underscore.
    pub prefix: &'static str,
}

/// What every kind of id has in common.
pub trait Id: Copy + From<Ulid> {
    /// What the id's text begins with, without the underscore.
    const PREFIX: &'static str;
    /// The id without its prefix.
    fn ulid(self) -> Ulid;
}

/// Parses the one spelling of a ULID; `None` for any other text.
pub fn parse_ulid(text: &str) -> Option<Ulid> {
    let canonical = text.len() == ULID_LENGTH && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    let ulid = canonical.then(|| Ulid::from_string(text).ok()).flatten()?;
    // Crockford's decoder reads I, L and O as 1, 1 and 0: only the text it would write itself is the id.
    (ulid.to_string() == text).then_some(ulid)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal $example:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ulid);

        impl Id for $name {
            const PREFIX: &'static str = $prefix;
            fn ulid(self) -> Ulid {
                self.0
            }
        }

        impl From<Ulid> for $name {
            fn from(ulid: Ulid) -> Self {
                Self(ulid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix(concat!($prefix, "_")).and_then(parse_ulid).map(Self).ok_or(IdError { prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some(concat!("^", $prefix, "_[0-9A-HJKMNP-TV-Z]{26}$")))
                    .examples([$example])
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    )*};
}

ids! {
    /// An organisation.
    OrgId "org" "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC";
    /// A person: the 128 bits of the Cognito user's `sub` in the spelling of a ULID, so that a token alone tells the id.
    UserId "usr" "usr_5RXFY5KS1MC8VBJ4DQKEBZ05N3";
    /// An API key (its public part).
    KeyId "key" "key_01KAF2Z7M0V8Q4J3T6B9N5R1XC";
    /// A project: a group of devices of one organisation.
    ProjectId "prj" "prj_01KAF2Z7M0V8Q4J3T6B9N5R1XC";
    /// A device.
    DeviceId "dev" "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC";
    /// A filter of a stream or of a project's variable.
    FilterId "flt" "flt_01KAF2Z7M0V8Q4J3T6B9N5R1XC";
    /// A task with a row of its own.
    TaskId "tsk" "tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC";
    /// A series of sessions of a device or of a project's devices: what was granted in an earlier one is over.
    SeriesId "ser" "ser_01KAF2Z7M0V8Q4J3T6B9N5R1XC";
    /// An invitation to an organisation.
    InvitationId "inv" "inv_01KAF2Z7M0V8Q4J3T6B9N5R1XC";
    /// That an identity provider's group brings a role; follows from provider and group.
    GroupMappingId "gmp" "gmp_5RXFY5KS1MC8VBJ4DQKEBZ05N3";
    /// An event of a device: when it happened and what it is, so that it follows from the event (`event.rs`).
    EventId "evt" "evt_1H2EKWBZ8C1D0Y3T6B9N5R1XCA";
    /// A machine that signs with an AWS role, as its organisation has registered it.
    MachineId "mch" "mch_01KAF2Z7M0V8Q4J3T6B9N5R1XC";
}

impl UserId {
    /// What Cognito calls the person: the id's 128 bits as a UUID (RFC 9562 section 4).
    pub fn sub(self) -> String {
        let hex = format!("{:032x}", self.0.0);
        [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &hex[part]).join("-")
    }

    /// The person whom Cognito calls `sub` (a UUID, RFC 9562 section 4); `None` when it is not one.
    pub fn from_sub(sub: &str) -> Option<Self> {
        let dashes = [8, 13, 18, 23];
        let well_formed = sub.len() == 36 && sub.bytes().enumerate().all(|(i, b)| (b == b'-') == dashes.contains(&i));
        if !well_formed {
            return None;
        }
        let hex: String = sub.chars().filter(char::is_ascii_hexdigit).collect();
        (hex.len() == 32)
            .then(|| u128::from_str_radix(&hex, 16).ok())
            .flatten()
            .map(|bits| Self(Ulid(bits)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let id: DeviceId = "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        assert_eq!(id.to_string(), "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC");
        for wrong in [
            "",
            "dev_",
            "prj_01KAF2Z7M0V8Q4J3T6B9N5R1XC",
            "dev_01kaf2z7m0v8q4j3t6b9n5r1xc",
            "dev_O1KAF2Z7M0V8Q4J3T6B9N5R1XC",
            "dev_91KAF2Z7M0V8Q4J3T6B9N5R1XC",
            "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XCC",
            "dev_01KAF2Z7M0V8Q4J3T6B9N5R1é",
        ] {
            assert!(wrong.parse::<DeviceId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_person_is_their_sub_in_another_spelling() {
        let user = UserId::from_sub("c58f7e2e-c834-622d-b909-b7cd45fe0163").unwrap();
        assert_eq!(user.ulid().0, 0xc58f_7e2e_c834_622d_b909_b7cd_45fe_0163);
        assert_eq!(user.to_string().parse::<UserId>().unwrap(), user);
        assert_eq!(user.sub(), "c58f7e2e-c834-622d-b909-b7cd45fe0163");
        for wrong in [
            "",
            "c58f7e2ec834622db909b7cd45fe0163",
            "c58f7e2e-c834-622d-b909-b7cd45fe016g",
            "é58f7e2e-c834-622d-b909-b7cd45fe016",
        ] {
            assert!(UserId::from_sub(wrong).is_none(), "{wrong}");
        }
    }
}
