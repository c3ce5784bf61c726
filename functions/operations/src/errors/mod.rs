//! `/v1/admin/errors`: unexpected errors, by kind.

pub(crate) mod list;
