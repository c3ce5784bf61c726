//! Faults on purpose: processes that die at every call they make, workers killed by the dozen, deployments in the middle of the work.
//!
//! A new kind of task gets a scenario in `crash/scenarios.rs`: a test fails until it has one.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on says so and ends"
)]

mod archive;
mod block_files;
mod chaos;
mod cost;
mod crash;
mod deployment;
mod line;
mod retention;
mod seeded;
mod world;
