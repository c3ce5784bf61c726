//! GET /v1/openapi.json: the contract.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use http_api::Refusals;

/// The contract as the generator wrote it (`cargo run -p contract`); a test fails when it is stale.
const CONTRACT: &str = include_str!("../openapi.json");

/// Get the contract: OpenAPI 3.1, every operation with its schemas and errors.
#[utoipa::path(
    get, path = "/v1/openapi.json", operation_id = "getContract", tag = "status",
    responses((status = 200, description = "The contract", content_type = "application/json", body = Object), Refusals),
    security(()),
)]
pub async fn handler() -> Response {
    (
        [
            (header::CONTENT_TYPE, "application/json"),
            (header::CACHE_CONTROL, "public, max-age=300"),
        ],
        CONTRACT,
    )
        .into_response()
}
