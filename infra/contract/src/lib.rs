//! The contract, generated from the routers: the full OpenAPI 3.1 that `GET /v1/openapi.json` serves, and its projection for API Gateway.
//!
//! A function with routes is named in [`functions`], and nowhere else.

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
    describe_responses(&mut contract);
    describe_reasons(&mut contract);
    contract
}

/// Whoever changes something of an organisation's may say why, on every such route: `http_api::Authenticated` reads the header.
fn describe_reasons(contract: &mut Value) {
    let header = json!({
        "name": "x-reason", "in": "header", "required": false,
        "description": "Why, for the organisation's journal, where it stays: name nobody in it.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 256 },
    });
    let paths = contract["paths"].as_object_mut().into_iter().flatten();
    let items = paths.filter(|(path, _)| path.starts_with("/v1/orgs/{org}"));
    let operations = items.filter_map(|(_, item)| item.as_object_mut()).flatten();
    for (_, operation) in operations.filter(|(method, _)| *method != "get") {
        if let Some(parameters) = operation["parameters"].as_array_mut() {
            parameters.push(header.clone());
        }
    }
}

/// OpenAPI wants a description of every answer: where a route says nothing of its own, the operation's summary tells what comes.
fn describe_responses(contract: &mut Value) {
    let paths = contract["paths"].as_object_mut().into_iter().flatten();
    for operation in paths
        .filter_map(|(_, item)| item.as_object_mut())
        .flatten()
        .map(|(_, operation)| operation)
    {
        let summary = operation["summary"].clone();
        for (_, response) in operation["responses"].as_object_mut().into_iter().flatten() {
            if response.get("$ref").is_none() && response["description"].as_str().unwrap_or_default().is_empty() {
                response["description"] = summary.clone();
            }
        }
    }
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
