//! The projection that API Gateway imports: OpenAPI 3.0.1 without schemas, examples or nulls, which it or CloudFormation would refuse,
//! and with what only it understands (AWS "OpenAPI extensions for API Gateway").

mod policy;

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

/// Bodies that reach a function in base 64; everything else is text to API Gateway. Some are texts that may come compressed.
const BINARY_MEDIA_TYPES: &[&str] = &[
    "application/json+gzip",
    "application/json+zstd",
    "application/octet-stream",
    "application/msgpack",
    "application/x-msgpack",
    "application/x-ndjson",
    "application/x-ndjson+gzip",
    "application/x-ndjson+zstd",
    "text/plain",
    "text/plain+gzip",
    "text/plain+zstd",
];

/// What API Gateway answers by itself: its name for it, the status, the kind in `type`, title, and what the caller can do.
/// The texts are constant: API Gateway's own messages would leak into them otherwise.
const GATEWAY_ERRORS: &[(&str, u16, &str, &str, &str)] = &[
    (
        "ACCESS_DENIED",
        403,
        "forbidden",
        "Not allowed",
        "These credentials cannot do this.",
    ),
    (
        "BAD_REQUEST_BODY",
        400,
        "bad-request",
        "The request cannot be read",
        "The body cannot be read.",
    ),
    (
        "BAD_REQUEST_PARAMETERS",
        400,
        "bad-request",
        "The request cannot be read",
        "A parameter cannot be read.",
    ),
    (
        "DEFAULT_4XX",
        400,
        "bad-request",
        "The request cannot be read",
        "API Gateway cannot read the request.",
    ),
    (
        "DEFAULT_5XX",
        500,
        "internal",
        "Internal error",
        "Something failed on our side. Try again; if it stays, report the x-request-id of this answer.",
    ),
    (
        "INTEGRATION_FAILURE",
        504,
        "unavailable",
        "Unavailable",
        "Something failed on our side. Try again; if it stays, report the x-request-id of this answer.",
    ),
    // A path that is not there, asked for with a bearer token: API Gateway takes the token for a signature of AWS's.
    (
        "INVALID_SIGNATURE",
        404,
        "not-found",
        "Not found",
        "Nothing is at this path, it takes other methods, or it takes an AWS signature and this is none that fits; /v1/openapi.json lists what there is.",
    ),
    (
        "WAF_FILTERED",
        403,
        "forbidden",
        "Not allowed",
        "The request was filtered out.",
    ),
    (
        "INTEGRATION_TIMEOUT",
        504,
        "timeout",
        "Timed out",
        "The answer took too long. Try again, asking for less.",
    ),
    (
        "MISSING_AUTHENTICATION_TOKEN",
        404,
        "not-found",
        "Not found",
        "Nothing is at this path, it takes other methods, or it takes an AWS signature and this is none that fits; /v1/openapi.json lists what there is.",
    ),
    (
        "QUOTA_EXCEEDED",
        429,
        "too-many-requests",
        "Too many requests",
        "Try again later.",
    ),
    (
        "REQUEST_TOO_LARGE",
        413,
        "too-large",
        "Too large",
        "The body is larger than 4 MiB (4,194,304 bytes): send it in parts.",
    ),
    (
        "RESOURCE_NOT_FOUND",
        404,
        "not-found",
        "Not found",
        "Nothing is at this path; /v1/openapi.json lists what there is.",
    ),
    (
        "THROTTLED",
        429,
        "too-many-requests",
        "Too many requests",
        "Try again in a moment.",
    ),
    (
        "UNAUTHORIZED",
        401,
        "unauthorized",
        "Sign in",
        "Send a valid access token as `authorization: Bearer ...`, or an API key as `x-api-key`.",
    ),
    (
        "UNSUPPORTED_MEDIA_TYPE",
        415,
        "media-type",
        "Media type not supported",
        "This route does not take that media type.",
    ),
];

/// The projection of these functions' routes.
pub fn projection(functions: &[(&'static str, OpenApi)]) -> Value {
    let mut paths = Map::new();
    for (function, api) in functions {
        let api = serde_json::to_value(api).unwrap_or_default();
        for (path, operations) in api["paths"].as_object().into_iter().flatten() {
            paths.insert(path.clone(), path_item(function, operations));
        }
    }
    json!({
        "openapi": "3.0.1",
        "info": { "title": { "Fn::Sub": "millwright-${Stage}" }, "version": "1" },
        "paths": paths,
        "components": { "securitySchemes": { "authorizer": authorizer(), "sigv4": sigv4() } },
        "x-amazon-apigateway-binary-media-types": BINARY_MEDIA_TYPES,
        "x-amazon-apigateway-gateway-responses": gateway_responses(),
        "x-amazon-apigateway-policy": policy::of_the_api(),
    })
}

/// A path's operations, and the preflight that a browser sends before them: it carries no credentials, so none are asked for.
fn path_item(function: &str, operations: &Value) -> Value {
    let mut item = Map::new();
    for (method, operation) in operations.as_object().into_iter().flatten() {
        let open = operation["security"]
            .as_array()
            .is_some_and(|needs| needs.iter().all(|need| *need == json!({})));
        let mut projected = json!({
            "operationId": operation["operationId"],
            "responses": { "200": { "description": "See /v1/openapi.json" } },
            "x-amazon-apigateway-integration": integration(function),
        });
        let signed = operation["security"] == json!([{ "aws_sigv4": [] }]);
        match (open, signed) {
            (true, _) => {}
            (false, true) => projected["security"] = json!([{ "sigv4": [] }]),
            (false, false) => projected["security"] = json!([{ "authorizer": [] }]),
        }
        item.insert(method.clone(), projected);
    }
    let preflight = json!({
        "responses": { "200": { "description": "CORS preflight" } },
        "x-amazon-apigateway-integration": integration(function),
    });
    item.insert("options".to_owned(), preflight);
    Value::Object(item)
}

fn invoke(target: &str) -> Value {
    let arn = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions";
    json!({ "Fn::Sub": format!("{arn}/${{{target}.Arn}}:live/invocations") })
}

fn integration(function: &str) -> Value {
    json!({ "type": "aws_proxy", "httpMethod": "POST", "passthroughBehavior": "when_no_match", "uri": invoke(function) })
}

/// The authorizer sees every request: no identity sources (all of several would be required), no caching.
fn authorizer() -> Value {
    json!({
        "type": "apiKey",
        "name": "Unused",
        "in": "header",
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": {
            "type": "request",
            "authorizerUri": invoke("AuthorizerFunction"),
            "authorizerResultTtlInSeconds": 0,
        },
    })
}

/// API Gateway checks the signature itself (`AWS_IAM`), and the signer's right to `execute-api:Invoke`.
fn sigv4() -> Value {
    json!({ "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4" })
}

/// Errors of the gateway's own, as problems that a browser on any origin can read: nothing in them is anybody's, and a header of a
/// gateway response cannot choose among several allowed origins.
fn gateway_responses() -> Value {
    GATEWAY_ERRORS
        .iter()
        .map(|error| (error.0.to_owned(), gateway_response(error)))
        .collect::<Map<_, _>>()
        .into()
}

fn gateway_response((_, status, kind, title, detail): &(&str, u16, &str, &str, &str)) -> Value {
    let body = json!({
        "type": format!("urn:millwright:problem:{kind}"), "title": title, "status": status, "detail": detail,
    });
    let mut headers = json!({
        "gatewayresponse.header.Content-Type": "'application/problem+json'",
        "gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
        "gatewayresponse.header.Access-Control-Expose-Headers": "'x-request-id,www-authenticate'",
        "gatewayresponse.header.x-request-id": "context.requestId",
    });
    if *status == 401 {
        headers["gatewayresponse.header.WWW-Authenticate"] = json!("'Bearer realm=\"millwright\"'");
    }
    json!({
        "statusCode": status.to_string(),
        "responseParameters": headers,
        "responseTemplates": { "application/json": body.to_string() },
    })
}
