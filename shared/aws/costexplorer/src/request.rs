//! What is asked, and the signature under it.

use crate::failed;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use domain::ServiceError;
use domain::costs::Months;
use serde_json::{Value, json};
use std::time::SystemTime;

/// Where Cost Explorer is, whatever the deployment's region (AWS General Reference, "AWS Cost Explorer endpoints and quotas").
const REGION: &str = "us-east-1";
const SERVICE: &str = "ce";
/// What names the operation, and how the body is written (JSON 1.1).
const HEADERS: [(&str, &str); 2] = [
    ("content-type", "application/x-amz-json-1.1"),
    ("x-amz-target", "AWSInsightsIndexService.GetCostAndUsage"),
];

/// Both months at once, each by service and organisation: two groupings are the most that one request may have.
pub(crate) fn body(months: Months, stage: &str, page: Option<&str>) -> String {
    let tagged =
        |key: &str, value: &str| json!({ "Tags": { "Key": key, "Values": [value], "MatchOptions": ["EQUALS"] } });
    let mut body = json!({
        "TimePeriod": { "Start": months.last, "End": months.until },
        "Granularity": "MONTHLY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{ "Type": "DIMENSION", "Key": "SERVICE" }, { "Type": "TAG", "Key": "Organization" }],
        "Filter": { "And": [tagged("Application", "millwright"), tagged("Stage", stage)] },
    });
    if let Some(page) = page {
        body["NextPageToken"] = Value::from(page);
    }
    body.to_string()
}

/// A request to that URL with that body, signed at that moment (Signature Version 4).
pub(crate) fn signed(
    (url, body): (&str, &str),
    credentials: Credentials,
    at: SystemTime,
) -> Result<HttpRequest, ServiceError> {
    let identity = credentials.into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(REGION)
        .name(SERVICE);
    let params = params.time(at).settings(SigningSettings::default()).build();
    let signable = SignableRequest::new("POST", url, HEADERS.into_iter(), SignableBody::Bytes(body.as_bytes()));
    let signature = sign(signable.map_err(failed)?, &params.map_err(failed)?.into());
    let (instructions, _) = signature.map_err(failed)?.into_parts();
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("POST").map_err(failed)?;
    request.set_uri(url.to_owned()).map_err(failed)?;
    for (name, value) in HEADERS.into_iter().chain(instructions.headers()) {
        let set = request.headers_mut().try_insert(name.to_owned(), value.to_owned());
        set.map_err(failed)?;
    }
    Ok(request)
}
