//! One's second factor: switched on in two steps, so that nobody is locked out by an authenticator that never had the secret.

pub mod begin;
pub mod confirm;
pub mod end;
pub mod recovery_codes;

use domain::factor::{RECOVERY_CODES, RecoveryCode};
use domain::{Source, UserId};
use http_api::{Kind, Problem};
use serde::Serialize;
use std::collections::BTreeSet;

/// The recovery codes, shown this once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct RecoveryCodes {
    /// Ten codes; each signs you in once in the place of the authenticator's. Keep them where the authenticator is not.
    recovery_codes: Vec<String>,
}

/// New recovery codes as their owner sees them, and their hashes.
fn mint(user: UserId, source: &Source) -> (RecoveryCodes, BTreeSet<String>) {
    let codes: Vec<_> = (0..RECOVERY_CODES).map(|_| RecoveryCode::mint(source)).collect();
    let hashes = codes.iter().map(|code| code.hash(user)).collect();
    let recovery_codes = codes.iter().map(RecoveryCode::reveal).collect();
    (RecoveryCodes { recovery_codes }, hashes)
}

fn is_on() -> Problem {
    Problem::new(
        Kind::Conflict,
        "The account has a second factor already: switch it off before you set up another.",
    )
}

fn is_off() -> Problem {
    Problem::new(Kind::Conflict, "The account has no second factor.")
}
