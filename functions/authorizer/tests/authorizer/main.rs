//! The authorizer from the outside: an event goes in, an answer or a refusal comes out.

#![expect(clippy::unwrap_used, reason = "a test that cannot prepare itself should fail")]

mod arbitrary;
mod claims;
mod doubles;
mod fetching;
mod forgeries;
mod key_set;
mod mutations;
mod people;
mod programs;
mod samples;
mod sessions;
