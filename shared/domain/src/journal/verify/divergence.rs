//! What an auditor is told, one line each.

use std::fmt;

/// Something that is not as it was written. Entries are named by their sequence numbers, lines of the file from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Divergence {
    /// An entry's content is not what its hash says.
    Edited {
        /// The entry, as its neighbours name it.
        sequence: u64,
        /// Where it stands.
        line: usize,
    },
    /// An entry agrees with itself, and not with the hash that the entry after it, or a head, names.
    Rewritten {
        /// The entry.
        sequence: u64,
    },
    /// Two entries do not attach, and nothing tells which of them was written anew.
    Unattached {
        /// The later of the two.
        sequence: u64,
    },
    /// Entries are not there.
    Missing {
        /// The first of them.
        first: u64,
        /// The last of them.
        last: u64,
    },
    /// An entry stands in another place than its number says.
    Misplaced {
        /// The entry.
        sequence: u64,
        /// Where it stands.
        line: usize,
    },
    /// An entry is there more than once.
    Repeated {
        /// The entry.
        sequence: u64,
        /// Where it stands again.
        line: usize,
    },
    /// Entries after the head that closes the file, or before where it begins.
    Added {
        /// The entry.
        sequence: u64,
    },
    /// An entry is another than the one in the archive.
    Differs {
        /// The entry.
        sequence: u64,
    },
    /// A line that is no entry, or is not written as the journal writes.
    Unreadable {
        /// Which line.
        line: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A head whose signature is none of the keys'.
    Unsigned {
        /// The place that the head claims to be of.
        sequence: u64,
    },
    /// No head tells where the chain ends: what was cut off at the end, or written anew from some entry on, cannot be seen.
    NoHead,
    /// Heads of several organisations.
    Foreign {
        /// The place that the head claims to be of.
        sequence: u64,
    },
}

impl Divergence {
    /// Where it belongs in the order of the entries; lines stand for entries, since one has as many as the other.
    pub(super) fn place(&self) -> u64 {
        match self {
            Self::Edited { sequence, .. }
            | Self::Rewritten { sequence }
            | Self::Unattached { sequence }
            | Self::Missing { first: sequence, .. }
            | Self::Misplaced { sequence, .. }
            | Self::Repeated { sequence, .. }
            | Self::Added { sequence }
            | Self::Differs { sequence }
            | Self::Unsigned { sequence }
            | Self::Foreign { sequence } => *sequence,
            Self::Unreadable { line, .. } => u64::try_from(*line).unwrap_or(u64::MAX),
            Self::NoHead => u64::MAX,
        }
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edited { sequence, line } => {
                write!(
                    f,
                    "entry {sequence} (line {line}) was edited: its content does not have its hash"
                )
            }
            Self::Rewritten { sequence } => {
                write!(
                    f,
                    "entry {sequence} was written anew: its hash is not the one that what follows it names"
                )
            }
            Self::Unattached { sequence } => {
                let before = sequence.saturating_sub(1);
                write!(
                    f,
                    "entry {sequence} does not attach to entry {before}: one of them was written anew"
                )
            }
            Self::Missing { first, last } if first == last => write!(f, "entry {first} is missing"),
            Self::Missing { first, last } => write!(f, "entries {first} to {last} are missing"),
            Self::Misplaced { sequence, line } => write!(f, "entry {sequence} stands out of order, on line {line}"),
            Self::Repeated { sequence, line } => write!(f, "entry {sequence} is there again, on line {line}"),
            Self::Added { sequence } => write!(f, "entry {sequence} was added: the closing head does not cover it"),
            Self::Differs { sequence } => write!(f, "entry {sequence} is not the one in the archive"),
            Self::Unreadable { line, why } => write!(f, "line {line} {why}"),
            Self::Unsigned { sequence } => {
                write!(f, "the head of entry {sequence} is signed with none of the public keys")
            }
            Self::NoHead => f.write_str("no signed head: where the journal ends cannot be told"),
            Self::Foreign { sequence } => write!(f, "the head of entry {sequence} is another organisation's"),
        }
    }
}
