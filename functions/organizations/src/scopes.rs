//! The scopes that people give to keys and machines.

use domain::{Caller, OrgId, Permission};
use http_api::Problem;

/// Scopes that a key or machine can have, in one order. Whoever gives them must hold each: nothing does more than whoever made or changed it may.
pub fn given(caller: &Caller, org: OrgId, mut scopes: Vec<Permission>) -> Result<Vec<Permission>, Problem> {
    if let Some(place) = scopes.iter().position(|scope| !Permission::FOR_KEYS.contains(scope)) {
        let names: Vec<_> = Permission::FOR_KEYS.iter().map(|scope| scope.as_str()).collect();
        let detail = format!("one can have: {}", names.join(", "));
        return Err(Problem::field(format!("/scopes/{place}"), detail));
    }
    scopes.sort_unstable_by_key(|scope| scope.as_str());
    scopes.dedup();
    if scopes.is_empty() {
        return Err(Problem::field("/scopes", "must name at least one scope"));
    }
    caller.may_give(org, scopes.iter().copied())?;
    Ok(scopes)
}
