//! `/v1/admin/costs`: what AWS has billed, and what was reckoned.

mod estimate;
pub(crate) mod get;
