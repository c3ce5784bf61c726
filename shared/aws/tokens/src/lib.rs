//! The tokens that Cognito signs: read strictly, and checked against the keys that it publishes.
//!
//! What a token must say beyond being genuine and of its time is for whoever takes it: the authorizer of access tokens, [`IdToken`] of what
//! a sign-in through an identity provider brings. No AWS SDK is in here: keys and tokens come over plain HTTPS. To take another kind of
//! token: a file beside `id_token.rs`.

mod fetch;
mod id_token;
mod json;
mod jwks;
mod jwt;

pub use fetch::{HttpKeys, UrlError, Web, WebAnswer};
pub use id_token::{IdFault, IdRules, IdToken};
pub use jwks::{FetchKeys, KeyFault, KeySet};
pub use jwt::{Claims, TokenFault, Unverified};
