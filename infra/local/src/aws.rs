//! The few AWS calls that deploying takes, as plain HTTP to the emulator.
//!
//! The SDKs would treble this crate's build; the emulator reads of a signature only whom and which service it names.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::failure::with_causes;
use crate::xml;

/// A client that holds bodies in memory; the proxy uses it too.
pub(crate) type Http = Client<HttpConnector, Full<Bytes>>;

/// Longer than any answer takes, except when the emulator hangs.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A client for the emulator.
pub(crate) fn http() -> Http {
    // Shorter than the emulator keeps idle connections, or one would be used just as it closes.
    Client::builder(TokioExecutor::new())
        .pool_idle_timeout(Duration::from_secs(30))
        .build_http()
}

/// Why a call did not succeed: the service's own message, or what kept it from being reached.
#[derive(Debug)]
pub(crate) struct AwsError(pub String);

impl fmt::Display for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for AwsError {}

/// The emulator's services.
#[derive(Clone)]
pub(crate) struct Aws {
    http: Http,
    endpoint: String,
}

impl Aws {
    pub(crate) fn new(endpoint: &str) -> Self {
        Self {
            http: http(),
            endpoint: endpoint.to_owned(),
        }
    }

    /// Where the services answer.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Makes a bucket; one that is there already is fine.
    pub(crate) async fn create_bucket(&self, bucket: &str) -> Result<(), AwsError> {
        self.call("s3", Method::PUT, &format!("/{bucket}"), &[], Bytes::new())
            .await
            .map(drop)
    }

    /// Whether an object is there.
    pub(crate) async fn has_object(&self, bucket: &str, key: &str) -> bool {
        self.call("s3", Method::HEAD, &format!("/{bucket}/{key}"), &[], Bytes::new())
            .await
            .is_ok()
    }

    /// Stores an object.
    pub(crate) async fn put_object(&self, bucket: &str, key: &str, body: Bytes) -> Result<(), AwsError> {
        self.call("s3", Method::PUT, &format!("/{bucket}/{key}"), &[], body)
            .await
            .map(drop)
    }

    /// The keys that begin with a prefix.
    pub(crate) async fn list_objects(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, AwsError> {
        let path = format!("/{bucket}?list-type=2&prefix={}", encode(prefix));
        let xml = self.call("s3", Method::GET, &path, &[], Bytes::new()).await?;
        Ok(xml::texts(&String::from_utf8_lossy(&xml), "Key"))
    }

    /// Deletes an object.
    pub(crate) async fn delete_object(&self, bucket: &str, key: &str) -> Result<(), AwsError> {
        self.call("s3", Method::DELETE, &format!("/{bucket}/{key}"), &[], Bytes::new())
            .await
            .map(drop)
    }

    /// Calls CloudFormation; the answer is XML.
    pub(crate) async fn cloudformation(&self, action: &str, parameters: &[(&str, &str)]) -> Result<String, AwsError> {
        let call = [&[("Action", action), ("Version", "2010-05-15")], parameters].concat();
        self.query("cloudformation", &call).await
    }

    /// Makes SES take an address for verified.
    pub(crate) async fn verify_sender(&self, address: &str) -> Result<(), AwsError> {
        let call = [
            ("Action", "VerifyEmailIdentity"),
            ("Version", "2010-12-01"),
            ("EmailAddress", address),
        ];
        self.query("ses", &call).await.map(drop)
    }

    /// Calls a service by AWS's query protocol: a form out, XML back.
    async fn query(&self, service: &str, parameters: &[(&str, &str)]) -> Result<String, AwsError> {
        let pairs: Vec<_> = parameters
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let answer = self
            .call(service, Method::POST, "/", &form, pairs.join("&").into())
            .await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    /// Calls CloudWatch Logs.
    pub(crate) async fn logs(&self, action: &str, input: &serde_json::Value) -> Result<serde_json::Value, AwsError> {
        let target = format!("Logs_20140328.{action}");
        let headers = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", &target),
        ];
        let answer = self
            .call("logs", Method::POST, "/", &headers, input.to_string().into())
            .await?;
        serde_json::from_slice(&answer).map_err(|error| AwsError(error.to_string()))
    }

    /// Calls Lambda.
    pub(crate) async fn lambda(&self, method: Method, path: &str) -> Result<serde_json::Value, AwsError> {
        let path = format!("/2015-03-31/functions/{path}");
        let answer = self.call("lambda", method, &path, &[], Bytes::new()).await?;
        if answer.is_empty() {
            return Ok(serde_json::Value::Null);
        }
        serde_json::from_slice(&answer).map_err(|error| AwsError(error.to_string()))
    }

    /// Whether the emulator says that it has started.
    pub(crate) async fn is_ready(&self) -> bool {
        self.call("s3", Method::GET, "/_ministack/ready", &[], Bytes::new())
            .await
            .is_ok()
    }

    async fn call(
        &self,
        service: &str,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Bytes, AwsError> {
        let scope = format!("test/20260101/us-east-1/{service}/aws4_request");
        let signature = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none");
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.endpoint));
        request = request.header("authorization", signature);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .body(Full::new(body))
            .map_err(|error| AwsError(error.to_string()))?;
        match tokio::time::timeout(TIMEOUT, self.send(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(AwsError(format!(
                "the emulator did not answer within {} s",
                TIMEOUT.as_secs()
            ))),
        }
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<Bytes, AwsError> {
        let response = self
            .http
            .request(request)
            .await
            .map_err(|error| AwsError(with_causes(&error)))?;
        let status = response.status();
        let body = response
            .into_body()
            .collect()
            .await
            .map_err(|error| AwsError(with_causes(&error)))?
            .to_bytes();
        if status.is_success() {
            Ok(body)
        } else {
            Err(AwsError(message(status, &body)))
        }
    }
}

/// The message of an error answer, which is XML or JSON depending on the service.
fn message(status: StatusCode, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let from_xml = || xml::text(&text, "Message");
    let from_json = || {
        let json: serde_json::Value = serde_json::from_str(&text).ok()?;
        json.get("message").or(json.get("Message"))?.as_str().map(str::to_owned)
    };
    from_xml()
        .or_else(from_json)
        .unwrap_or_else(|| format!("status {status} {text}"))
}

fn encode(text: &str) -> String {
    text.bytes()
        .fold(String::with_capacity(text.len()), |encoded, byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                encoded + char::from(byte).encode_utf8(&mut [0; 4])
            }
            _ => format!("{encoded}%{byte:02X}"),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_messages_in_both_formats() {
        let xml = "<E xmlns='urn:x'><Error><Code>V</Code><Message>no such stack</Message></Error></E>";
        assert_eq!(message(StatusCode::BAD_REQUEST, xml.as_bytes()), "no such stack");
        assert_eq!(message(StatusCode::BAD_REQUEST, br#"{"message":"no"}"#), "no");
        assert_eq!(message(StatusCode::BAD_GATEWAY, b"?"), "status 502 Bad Gateway ?");
    }

    #[test]
    fn encodes_forms() {
        assert_eq!(encode("a b/&=é"), "a%20b%2F%26%3D%C3%A9");
    }
}
