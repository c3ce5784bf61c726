//! DynamoDB: the directory (who may enter which organisation), the outbox (tasks not yet done), and one table an organisation.
//!
//! The only crate that names `aws-sdk-dynamodb`. Keys are built in `keys/` and nowhere else. An organisation's table opens only with a
//! [`domain::Grant`]. To add an entity: its key in `keys/`, a file beside its like under `directory/` or `org/`.

mod batch;
mod cell;
mod directory;
mod idempotency;
mod keys;
mod org;
mod restore;
mod table;
mod transaction;

pub use directory::Directory;
pub use directory::archive::Archived;
pub use directory::credentials::{DeviceCredentials, KeyCredentials, MachineCredentials, StoredKey, UserCredentials};
pub use directory::email::EmailWish;
pub use directory::errors::{Counted, ErrorKind, ErrorPlace, Sighting};
pub use directory::federation::Federated;
pub use directory::invitations::Invitation;
pub use directory::keys::ApiKey;
pub use directory::lockout::Tried;
pub use directory::machines::StoredMachine;
pub use directory::mail::{CLAIM, Claim, MailMark};
pub use directory::maintenance::SetMaintenance;
pub use directory::members::{Member, PlaceRefused};
pub use directory::mfa::Mfa;
pub use directory::outbox::Note;
pub use directory::queues::Pause;
pub use directory::rate::RateLeases;
pub use directory::sessions::HasSessions;
pub use directory::status::{CheckRun, Heartbeat, QueueReport, QueuesSeen, Signs};
pub use directory::tasks::TaskFilter;
pub use directory::users::AccountState;
pub use org::blocks::{BlockPage, BlockPlace, Stream, StreamBlocks};
pub use org::check::CheckPlace;
pub use org::compaction::KeptBlock;
pub use org::device_check::{DeviceChange, DeviceCheckPage};
pub use org::events::{EventBody, EventRow, PackedData};
pub use org::files::FiledBlock;
pub use org::filtering::{FilterInForce, FilterTransition, Filtered};
pub use org::filters::{FilterOf, MAX_FILTERS};
pub use org::future::{FutureReadings, FutureReadingsPage};
pub use org::journal::JournalFilter;
pub use org::outcomes::UploadOutcome;
pub use org::purge::Purged;
pub use org::settings::SettingsStamp;
pub use org::streamers::Streamer;
pub use org::{OrgTable, OrgTables};
pub use restore::{Asked, Chain, Digest, Place, TableCopy, TableState, WalkedPage};
pub use transaction::{Change, Refused};
