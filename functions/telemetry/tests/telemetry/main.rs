//! The function's routes against an AWS that answers what a test tells it to.

#![expect(clippy::unwrap_used, reason = "a test that cannot prepare itself should fail")]

mod aws;
mod samples;
mod world;
