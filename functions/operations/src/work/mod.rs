//! `/v1/admin/work`: the workers' log.

pub(crate) mod list;
