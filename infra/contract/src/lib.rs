//! The contract, generated from the routers: the full OpenAPI 3.1 that `GET /v1/openapi.json` serves, and its projection for API Gateway.
//!
//! A function with routes is named in [`functions`], and nowhere else. `released.json` is the contract of the last release: what breaks its clients
//! needs a word in `CHANGELOG.md`.

pub mod breaking;
pub mod changelog;
mod describe;
mod gateway;

use serde_json::{Value, json};
use std::path::PathBuf;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, OpenApi, OpenApiBuilder};

/// Every function with routes: its logical id in `template.yaml`, and what its router says of itself.
pub fn functions() -> Vec<(&'static str, OpenApi)> {
    vec![
        ("IdentityFunction", identity::routes().into_openapi()),
        ("OrganizationsFunction", organizations::routes().into_openapi()),
        ("FleetFunction", fleet::routes().into_openapi()),
        ("MachinesFunction", machines::routes().into_openapi()),
        ("TelemetryFunction", telemetry::routes().into_openapi()),
        ("OperationsFunction", operations::routes().into_openapi()),
        ("StatusFunction", status::routes().into_openapi()),
    ]
}

/// The files of the contract and what must be in them.
pub fn files() -> [(PathBuf, String); 2] {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let text = |value: &Value| format!("{value:#}\n");
    [
        (root.join("functions/status/openapi.json"), text(&full())),
        (
            root.join("infra/openapi.json"),
            text(&gateway::projection(&functions())),
        ),
    ]
}

/// The full contract, OpenAPI 3.1, without anything of AWS's.
pub fn full() -> Value {
    let info = InfoBuilder::new()
        .title("Millwright")
        .version("1")
        .description(Some("The cloud backend of a connected factory."))
        .license(Some(utoipa::openapi::License::new("Apache-2.0")));
    let mut contract = OpenApiBuilder::new()
        .info(info.build())
        .components(Some(shared_components()))
        .build();
    for (_, part) in functions() {
        contract.merge(part);
    }
    let mut contract = serde_json::to_value(contract).unwrap_or_default();
    contract["servers"] = json!([{ "url": "/" }]);
    describe::responses(&mut contract);
    describe::reasons(&mut contract);
    describe::headers(&mut contract);
    describe::deprecations(&mut contract, http_api::DEPRECATED);
    contract
}

/// The contract of the last release.
pub fn released() -> Value {
    serde_json::from_str(include_str!("../released.json")).unwrap_or_default()
}

/// The breaks since the last release that `CHANGELOG.md` does not tell of, each in a line that says what to do.
pub fn untold_breaks() -> Vec<String> {
    let breaks = breaking::breaks(&released(), &full());
    changelog::untold(&breaks, include_str!("../CHANGELOG.md"))
}

/// The files that a release changes, and what must be in them then: the released contract is the present one, and what was unreleased
/// stands under the version.
pub fn release(version: &str) -> [(PathBuf, String); 2] {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    [
        (root.join("released.json"), format!("{:#}\n", full())),
        (
            root.join("CHANGELOG.md"),
            changelog::released(include_str!("../CHANGELOG.md"), version),
        ),
    ]
}

fn shared_components() -> Components {
    let mut components = Components::new();
    components.schemas.extend(http_api::Problem::schemas());
    components.responses.extend(http_api::Refusals::definitions());
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let key = ApiKey::Header(ApiKeyValue::with_description(
        "x-api-key",
        "An API key of the organisation.",
    ));
    components.add_security_scheme("api_key", SecurityScheme::ApiKey(key));
    let signature = ApiKey::Header(ApiKeyValue::with_description(
        "Authorization",
        "AWS Signature Version 4 by an assumed role, for the service `execute-api`.",
    ));
    components.add_security_scheme("aws_sigv4", SecurityScheme::ApiKey(signature));
    let session = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A device's session, from `POST /v1/device-sessions`."));
    components.add_security_scheme("device_session", SecurityScheme::Http(session.build()));
    components
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_breaks_a_client_without_a_word_in_the_changelog() {
        let untold = super::untold_breaks();
        assert!(untold.is_empty(), "\n{}\n", untold.join("\n"));
    }
}
