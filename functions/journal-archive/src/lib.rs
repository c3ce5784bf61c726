//! The archive of journals: every few minutes, it copies what organisations' journals have grown by to a bucket whose objects nobody can change or
//! delete before their time (S3 Object Lock), each copy closed by a head that KMS signs.
//!
//! Of all roles this one alone writes there, and it does nothing else: it reads journals and no other rows of organisations' tables.
//!
//! An object is `journal/<organisation>/<generation>/<first entry's place>.ndjson`, a piece of the journal that `cargo run -- verify --archive`
//! reads. It is written only where there is none of that key, so pieces never overlap: whoever finds one there goes on after its last entry.
//! The directory's row of what was copied is a mere hint that saves looking at the objects: a crash between the two, a row that was lost, or a
//! round that comes twice write nothing twice and leave nothing out. A restored organisation's journal is another generation, copied from
//! its first entry on.
//!
//! What does not attach to what was copied before is copied all the same, as evidence, and told as an error.

mod round;

pub use round::{Copied, Diverged};

use aws_dynamodb::{Directory, OrgTables};
use aws_kms::JournalKeys;
use aws_s3::Bucket;
use domain::Source;

/// What the archive works with.
pub struct App {
    /// Organisations, and how far each was copied.
    pub directory: Directory,
    /// Their tables.
    pub tables: OrgTables,
    /// Sign the heads.
    pub journal_keys: JournalKeys,
    /// The bucket of locked objects.
    pub archive: Bucket,
    /// The time.
    pub source: Source,
}
