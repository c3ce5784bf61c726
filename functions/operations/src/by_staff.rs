//! The staff member who calls, asked for before anything else of a request is read.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::Staff;
use http_api::{Authenticated, Problem};

/// Who of the staff calls. Every route here takes this first, so that everybody else gets the same 403 whatever they send. It is not a 404:
/// the contract, which anybody may read, names these routes.
pub struct ByStaff(pub Staff);

impl<S: Sync> FromRequestParts<S> for ByStaff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Authenticated(caller) = Authenticated::from_request_parts(parts, state).await?;
        Ok(Self(caller.staff()?))
    }
}
