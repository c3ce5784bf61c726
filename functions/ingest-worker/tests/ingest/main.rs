//! The worker against an AWS that answers what a test tells it to.

#![expect(clippy::unwrap_used, reason = "a test that cannot prepare itself should fail")]

#[expect(dead_code, reason = "shared with telemetry's tests, which look at more")]
#[path = "../../../telemetry/tests/telemetry/aws.rs"]
mod aws;
mod crashes;
mod future;
mod samples;
mod seen;
mod settings;
mod world;
