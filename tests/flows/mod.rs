//! Users' stories over HTTP.

mod accounts;
mod api_keys;
mod bad_input;
mod deletion;
mod device_status;
mod errors;
mod events;
mod federation;
mod fleet;
mod health;
mod idempotency;
mod journal;
mod journal_export;
mod mail;
mod operations;
mod organizations;
mod readings;
mod reports;
mod restart;
mod restores;
mod samples;
mod status;
mod tasks;
mod tour;
mod upgrades;
