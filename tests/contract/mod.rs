//! The contract: generated, deployed, honoured.

mod cors;
mod files;
mod gateway;
mod idempotency;
mod rules;
mod template;
