//! Everything that is tested against the whole system: one binary, so that one private cloud serves all of it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on says so and ends"
)]

mod contract;
mod flows;
mod security;
