//! The contract: generated, deployed, honoured.

mod alarms;
mod combinations;
mod cors;
mod files;
mod gateway;
mod idempotency;
mod rules;
mod template;
