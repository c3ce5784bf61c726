//! The local cloud: Millwright's whole template on one machine, for `cargo run` and for the tests.
//!
//! It supervises an AWS emulator on loopback, builds and packages the functions, deploys `template.yaml` through
//! CloudFormation and serves the API at a stable address. Nothing of the product belongs here: what is deployed
//! stands in the template, what it does in the functions.
//!
//! A new step of the start goes into [`cloud`]; a new call to AWS beside the others in `aws`.

mod aws;
mod cargo;
mod child;
pub mod cloud;
mod deploy;
mod emulator;
mod failure;
pub mod logs;
pub mod package;
mod paths;
mod progress;
mod proxy;
pub mod python;
pub mod sbom;
mod stack;
mod state;
mod template;
pub mod tour;
pub mod verify;
mod xml;

pub use cloud::{Cloud, CloudOptions};
pub use failure::{Failure, Result};
pub use progress::{Progress, say};
