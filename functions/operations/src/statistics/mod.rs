//! `/v1/admin/statistics`: the days' figures.

pub(crate) mod list;
