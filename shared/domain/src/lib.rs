//! Millwright's rules and types: ids, people and their rights, organisations, fleets, readings, reports, tasks, the journal.
//!
//! No AWS, no HTTP, no clock and no dice: time and randomness come in as arguments ([`Source`]). To add a concept, give it
//! a module of its own whose types can only hold valid values, parsed once at the edge.

pub mod access;
pub mod account;
pub mod block_files;
pub mod costs;
pub mod credential;
pub mod email_domain;
pub mod event;
pub mod factor;
pub mod federation;
pub mod filter;
pub mod fleet;
pub mod formula;
pub mod health;
pub mod id;
pub mod idempotency;
pub mod journal;
pub mod lockout;
pub mod machine;
pub mod mail;
pub mod maintenance;
pub mod metadata;
pub mod networks;
pub mod organization;
pub mod packed;
pub mod queue;
pub mod rate;
pub mod reading;
pub mod reports;
pub mod rotation;
pub mod seal;
pub mod service;
pub mod session;
pub mod source;
pub mod statistics;
pub mod stream;
pub mod task;
pub mod text;

pub use access::{Caller, Denied, Grant, Permission, Principal, Role, Scopes, Staff};
pub use id::{
    DeviceId, EventId, FilterId, GroupMappingId, IdError, InvitationId, KeyId, MachineId, OrgId, ProjectId, SeriesId,
    TaskId, UserId,
};
pub use service::ServiceError;
pub use source::{Clock, Random, Source};
