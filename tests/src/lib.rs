//! What the tests of the whole system stand on: a private local cloud, and clients that read like the people who use it.
//!
//! A test is a story over HTTP. What several stories need is here; what one needs stands beside it.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says so and ends"
)]

mod api;
mod authenticator;
pub mod aws;
mod closing;
mod cloud;
pub mod costs;
pub mod dns;
mod emulator;
mod machines;
mod people;
mod plant;
mod receiver;
mod rounds;

pub use api::{Answer, Api, answer, carried};
pub use authenticator::{Authenticator, answer_challenge};
pub use closing::closing_round;
pub use cloud::{base_url, bucket, endpoint, state_dir};
pub use emulator::Emulator;
pub use machines::{ask_machine_session, assumed_role, machine_session, register_machine};
pub use people::{Organization, Person, finished, finished_within, sign_in};
pub use plant::{Device, RECEIVED_AT, Upload, noise, sample};
pub use receiver::{Heard, Receiver};
pub use rounds::round;

/// How long a test waits for what happens in the background. Far longer than it takes, since test machines are slow and busy.
pub const PATIENCE: std::time::Duration = std::time::Duration::from_secs(90);

/// A text that no other test uses.
pub fn unique(prefix: &str) -> String {
    #[expect(clippy::disallowed_methods, reason = "tests need names, not foreseeable ones")]
    let dice: u64 = rand::random();
    format!("{prefix}-{dice:016x}")
}

/// The present instant, as the cloud under test has it.
#[expect(
    clippy::disallowed_methods,
    reason = "tests share the cloud's clock, which is the machine's"
)]
pub fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
