//! The ids of uploads: signed, since uploads have no row that would prove them.

use crate::id::{Id, ULID_LENGTH, parse_ulid};
use crate::{IdError, OrgId, TaskId};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::{fmt, str::FromStr};
use subtle::ConstantTimeEq;
use ulid::Ulid;

/// Proves that an upload's task id was given out by Millwright for that organisation.
#[derive(Clone)]
pub struct TaskSigner(Vec<u8>);

/// The id of an upload's task: `tsk_`, a ULID, a dash, and 130 bits of HMAC-SHA256 (RFC 2104) over organisation and ULID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedTaskId {
    ulid: Ulid,
    tag: String,
}

impl TaskSigner {
    /// A signer with the stage's secret.
    pub fn new(secret: &[u8]) -> Self {
        Self(secret.to_vec())
    }

    /// Signs a new upload's id.
    pub fn sign(&self, org: OrgId, ulid: Ulid) -> SignedTaskId {
        SignedTaskId {
            ulid,
            tag: self.tag(org, ulid),
        }
    }

    /// Whether the id was signed here, for that organisation.
    pub fn verify(&self, org: OrgId, id: &SignedTaskId) -> bool {
        self.tag(org, id.ulid).as_bytes().ct_eq(id.tag.as_bytes()).into()
    }

    fn tag(&self, org: OrgId, ulid: Ulid) -> String {
        // HMAC takes keys of every length, so there is no error to meet here.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return String::new();
        };
        mac.update(&org.ulid().to_bytes());
        mac.update(&ulid.to_bytes());
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        let (head, _) = digest.split_at(16);
        Ulid(head.iter().fold(0, |bits, byte| bits << 8 | u128::from(*byte))).to_string()
    }
}

impl SignedTaskId {
    /// The id of an upload that nobody has sent and nobody is told of: its signature is none, so that nobody can ask after it.
    pub fn unsigned(ulid: Ulid) -> Self {
        let tag = Ulid::nil().to_string();
        Self { ulid, tag }
    }

    /// When the upload was accepted, in milliseconds since the Unix epoch.
    pub fn accepted_ms(&self) -> u64 {
        self.ulid.timestamp_ms()
    }

    /// The id without its signature: the order of acceptance.
    pub fn ulid(&self) -> Ulid {
        self.ulid
    }
}

impl fmt::Display for SignedTaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}-{}", TaskId::PREFIX, self.ulid, self.tag)
    }
}

/// The id of a task of either kind, as a path carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskRef {
    /// A task with a row.
    Row(TaskId),
    /// An upload.
    Upload(SignedTaskId),
}

impl FromStr for TaskRef {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((row, tag)) = text.split_once('-') else {
            return text.parse().map(Self::Row);
        };
        let id: TaskId = row.parse()?;
        parse_ulid(tag)
            .filter(|_| tag.len() == ULID_LENGTH)
            .ok_or(IdError { prefix: TaskId::PREFIX })?;
        Ok(Self::Upload(SignedTaskId {
            ulid: id.ulid(),
            tag: tag.to_owned(),
        }))
    }
}

impl FromStr for SignedTaskId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse()? {
            TaskRef::Upload(id) => Ok(id),
            TaskRef::Row(_) => Err(IdError { prefix: TaskId::PREFIX }),
        }
    }
}

impl Serialize for SignedTaskId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SignedTaskId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_uploads_id_is_good_for_its_organisation_alone() {
        let org: OrgId = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let other: OrgId = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XD".parse().unwrap();
        let signer = TaskSigner::new(b"secret");
        let id = signer.sign(org, Ulid::from_parts(1_767_323_045_000, 7));
        let read: SignedTaskId = id.to_string().parse().unwrap();
        assert_eq!(read, id);
        assert!(signer.verify(org, &read));
        assert!(!signer.verify(other, &read));
        assert!(!TaskSigner::new(b"another").verify(org, &read));
        assert!(!signer.verify(
            org,
            &SignedTaskId {
                ulid: Ulid(read.ulid.0 + 1),
                tag: read.tag.clone()
            }
        ));
    }

    #[test]
    fn a_path_tells_rows_from_uploads() {
        assert!(matches!("tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse(), Ok(TaskRef::Row(_))));
        for wrong in [
            "tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC-",
            "tsk_-01KAF2Z7M0V8Q4J3T6B9N5R1XC",
            "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC",
        ] {
            assert!(wrong.parse::<TaskRef>().is_err(), "{wrong}");
        }
    }
}
