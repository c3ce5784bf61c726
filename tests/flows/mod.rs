//! Users' stories over HTTP.

mod accounts;
mod bad_input;
mod events;
mod fleet;
mod organizations;
mod readings;
mod reports;
mod restart;
mod samples;
mod status;
mod tour;
