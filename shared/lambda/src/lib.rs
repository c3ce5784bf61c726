//! Start-up of every function: configuration from the environment, logging, time and randomness, and the two ways to run:
//! an HTTP router ([`serve_http`]) and a batch of queue messages ([`serve_batches`]).
//!
//! No business of any domain belongs here. A third way to run (a stream, say) gets a file beside `batch.rs`.

mod again;
mod ahead;
mod answer;
mod batch;
mod connections;
mod published;
mod start;
mod system;

pub use ahead::ahead;
pub use batch::{
    DeadLetters, Delivery, Outcome, REDRIVEN, Worker, each, panic_text, reason, run_batch, serve_batches, settle,
    words_of,
};
pub use lambda_runtime::Error;
pub use published::published;
pub use start::{Start, StartError, env, serve_http, start, start_within};
pub use system::{SystemClock, SystemRandom, system};
