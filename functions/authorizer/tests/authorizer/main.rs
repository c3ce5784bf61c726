//! The authorizer from the outside: an event goes in, an answer or a refusal comes out.

mod arbitrary;
mod doubles;
mod fetching;
mod forgeries;
mod key_set;
mod people;
mod programs;
mod samples;
