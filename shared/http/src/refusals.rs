//! The refusals that every route may answer, as the contract describes them.

use crate::problem::{MEDIA_TYPE, ProblemBody};
use crate::{FieldError, Problem};
use std::collections::BTreeMap;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Status, name and meaning of each.
const REFUSALS: &[(&str, &str, &str)] = &[
    (
        "400",
        "BadRequest",
        "The request cannot be read: malformed syntax, query or header",
    ),
    (
        "401",
        "Unauthorized",
        "Credentials are missing, wrong, expired or revoked",
    ),
    (
        "403",
        "Forbidden",
        "The caller lacks the permission that `detail` names",
    ),
    (
        "404",
        "NotFound",
        "No such resource, or none that the caller may know of",
    ),
    ("409", "Conflict", "The present state does not allow it"),
    ("413", "TooLarge", "The body is larger than 4 MiB"),
    ("415", "MediaType", "Not a media type that this route takes"),
    (
        "422",
        "Invalid",
        "The body is well formed and not valid, `errors` says where; or the `Idempotency-Key` belongs to another request",
    ),
    (
        "429",
        "TooManyRequests",
        "Too many requests; `Retry-After` says when to try again",
    ),
    ("500", "Internal", "Something failed on Millwright's side"),
    (
        "503",
        "Unavailable",
        "A service behind Millwright is busy, or the organisation or Millwright is under maintenance; `Retry-After` says when to try again",
    ),
];

/// What every route may answer; a route adds its own beside them.
pub struct Refusals;

impl utoipa::IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let reference = |name: &str| RefOr::Ref(Ref::from_response_name(name));
        REFUSALS
            .iter()
            .map(|(status, name, _)| ((*status).to_owned(), reference(name)))
            .collect()
    }
}

impl Refusals {
    /// The answers that [`Refusals`] refers to, by name, for the contract's components.
    pub fn definitions() -> BTreeMap<String, RefOr<Response>> {
        let define = |text: &str| {
            let content = ContentBuilder::new()
                .schema(Some(Ref::from_schema_name("Problem")))
                .build();
            RefOr::T(
                ResponseBuilder::new()
                    .description(text)
                    .content(MEDIA_TYPE, content)
                    .build(),
            )
        };
        REFUSALS
            .iter()
            .map(|(_, name, text)| ((*name).to_owned(), define(text)))
            .collect()
    }
}

impl Problem {
    /// The schemas of an error's body, by name, for the contract's components.
    pub fn schemas() -> [(String, RefOr<Schema>); 2] {
        [
            ("Problem".to_owned(), ProblemBody::schema()),
            (FieldError::name().into_owned(), FieldError::schema()),
        ]
    }
}
