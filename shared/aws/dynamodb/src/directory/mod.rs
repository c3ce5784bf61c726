//! The directory: users, organisations, memberships, API keys, ended sessions, second factors, tries of passwords; and the outbox beside it.

pub(crate) mod account_deletion;
pub(crate) mod archive;
mod costs;
pub(crate) mod credentials;
pub(crate) mod deleted;
pub(crate) mod domains;
pub(crate) mod email;
pub(crate) mod enrolments;
pub(crate) mod errors;
pub(crate) mod federation;
pub(crate) mod invitations;
pub(crate) mod keys;
pub(crate) mod lockout;
pub(crate) mod machines;
pub(crate) mod mail;
pub(crate) mod maintenance;
pub(crate) mod members;
pub(crate) mod mfa;
pub(crate) mod organizations;
pub(crate) mod outbox;
mod owners;
mod profile;
mod pseudonyms;
pub(crate) mod queues;
pub(crate) mod rate;
pub(crate) mod rotation;
pub(crate) mod sessions;
pub(crate) mod statistics;
pub(crate) mod status;
pub(crate) mod tasks;
pub(crate) mod users;
pub(crate) mod work_log;

use crate::table::Table;
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;

/// The directory table and the outbox table of a stage.
#[derive(Clone)]
pub struct Directory {
    pub(crate) table: Table,
    pub(crate) outbox: Table,
}

impl Directory {
    /// The tables of these names.
    pub fn new(aws: &SdkConfig, directory: String, outbox: String) -> Self {
        let client = Client::new(aws);
        Self {
            table: Table {
                client: client.clone(),
                name: directory,
            },
            outbox: Table { client, name: outbox },
        }
    }
}
