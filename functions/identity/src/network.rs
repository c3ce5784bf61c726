//! The network that a try to sign in comes from.

pub use http_api::SourceNetwork as From;
