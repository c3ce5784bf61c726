//! Attempts to change what their maker may not.

use crate::{Caller, ServiceError};

/// Longest path that an entry tells, in characters: longer than any with ids in it, and no place to store things.
const PATH_CHARS: usize = 192;

/// A request to change something that was refused for want of a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedAttempt {
    /// As in `DELETE /v1/orgs/{org}/projects/{project}`.
    pub operation: String,
    /// The path as it was asked for.
    pub path: String,
}

/// Where refused attempts of members are told.
pub trait RefusedAttempts {
    /// Tells of one; at most one of a caller, operation and minute, so that nobody can fill a journal by being refused. Nothing is told of a
    /// caller without a place in the path's organisation: to them it does not exist.
    fn tell(&self, caller: &Caller, attempt: RefusedAttempt) -> impl Future<Output = Result<(), ServiceError>> + Send;
}

impl RefusedAttempt {
    /// An attempt at an operation.
    pub fn new(method: &str, route: &str, path: &str) -> Self {
        Self {
            operation: format!("{method} {route}"),
            path: path.chars().take(PATH_CHARS).collect(),
        }
    }
}
