//! `/v1/admin/accounts`: people's accounts, as far as staff have to do with them.

pub(crate) mod unlock;
