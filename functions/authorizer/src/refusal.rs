//! Why a request is not let through: the fault of its credentials, or ours.

use aws_tokens::KeyFault;
use domain::ServiceError;
use domain::session::SessionError;
use jiff::Timestamp;
use lambda_runtime::Diagnostic;
use serde_json::{Value, json};

/// What API Gateway must read as the error's message, letter for letter, to answer 401
/// (API Gateway Developer Guide, "Use API Gateway Lambda authorizers").
const UNAUTHORIZED: &str = "Unauthorized";

/// What is wrong with a request's credentials. For the log: the caller learns only that they will not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Reason {
    #[error("the event is not one of a REQUEST authorizer")]
    UnreadableEvent,
    #[error("no credentials")]
    NoCredentials,
    #[error("two credentials")]
    TwoCredentials,
    #[error("a header that is not plain ASCII")]
    HeaderText,
    #[error("an authorization scheme that is not Bearer")]
    Scheme,
    #[error("a token longer than any that is issued")]
    TokenTooLong,
    #[error("not three parts of unpadded base64url")]
    TokenParts,
    #[error("not a JSON object of distinct members")]
    TokenJson,
    #[error("signed with an algorithm other than RS256, or with critical extensions")]
    TokenHeader,
    #[error("signed with an unknown key")]
    UnknownSigningKey,
    #[error("the signature does not fit")]
    Signature,
    #[error("another issuer")]
    Issuer,
    #[error("issued to another client")]
    Client,
    #[error("not an access token")]
    TokenUse,
    #[error("expired, or without a time of expiry")]
    Expired,
    #[error("not valid yet")]
    NotYet,
    #[error("the subject is not a UUID")]
    Subject,
    #[error("the token names no session")]
    Session,
    #[error("the token does not say when its owner signed in")]
    SignInTime,
    #[error("the groups are not a list of names")]
    Groups,
    #[error("nobody of that subject")]
    UnknownPerson,
    #[error("signed out")]
    SignedOut,
    #[error("not an API key, or one with a typing error")]
    MalformedKey,
    #[error("an unknown, revoked or rotated API key")]
    UnknownKey,
    #[error("an expired API key")]
    ExpiredKey,
    #[error("a session of a device or machine: {0}")]
    Machine(SessionError),
    #[error("a session that was ended, or whose holder or organisation is gone")]
    SessionEnded,
    #[error("an API key used from a network that it may not be used from")]
    Network,
}

/// Why a request is not let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Its credentials will not do: 401.
    Unauthorized(Reason),
    /// Something that the decision needs does not answer: 500, and counted. The text is for the log.
    Outage(String),
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self::Unauthorized(reason)
    }
}

impl From<KeyFault> for Refusal {
    fn from(fault: KeyFault) -> Self {
        match fault {
            KeyFault::Unknown => Reason::UnknownSigningKey.into(),
            KeyFault::Outage(_) => Self::Outage(fault.to_string()),
        }
    }
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        Self::Outage(format!("the directory: {error}"))
    }
}

impl From<Refusal> for Diagnostic {
    fn from(refusal: Refusal) -> Self {
        let (error_type, error_message) = match refusal {
            Refusal::Unauthorized(_) => (UNAUTHORIZED, UNAUTHORIZED),
            Refusal::Outage(_) => ("AuthorizerFault", "The authorizer cannot tell who calls"),
        };
        Self {
            error_type: error_type.to_owned(),
            error_message: error_message.to_owned(),
        }
    }
}

/// Counts an outage. CloudWatch makes the metric out of the log line (CloudWatch User Guide, "Embedded metric format"); Lambda's own count
/// of errors would not do, since every bad token is one.
pub(crate) fn count_fault(now: Timestamp) {
    // Lambda sets it; it holds the stage, so that two stages in one account do not share a metric.
    let function = std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|_| "authorizer".to_owned());
    println!("{}", fault(now, &function));
}

fn fault(now: Timestamp, function: &str) -> Value {
    json!({
        "_aws": {
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": "Millwright",
                "Dimensions": [["Function"]],
                "Metrics": [{ "Name": "AuthorizerFault", "Unit": "Count" }],
            }],
        },
        "Function": function,
        "AuthorizerFault": 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gateway_reads_exactly_the_word_it_waits_for() {
        let diagnostic = Diagnostic::from(Refusal::from(Reason::Expired));
        assert_eq!(
            serde_json::to_value(&diagnostic).unwrap()["errorMessage"],
            json!("Unauthorized")
        );
        let outage = Diagnostic::from(Refusal::Outage("a cause".into()));
        assert_ne!(outage.error_message.to_lowercase(), "unauthorized");
        assert!(!outage.error_message.contains("a cause"));
    }

    #[test]
    fn a_fault_is_a_metric_of_its_own() {
        let line = fault(Timestamp::UNIX_EPOCH, "authorizer");
        let metric = &line["_aws"]["CloudWatchMetrics"][0];
        let (name, dimension) = (&metric["Metrics"][0]["Name"], &metric["Dimensions"][0][0]);
        assert_eq!(line[name.as_str().unwrap()], json!(1));
        assert_eq!(line[dimension.as_str().unwrap()], json!("authorizer"));
        assert!(!line.to_string().contains('\n'));
    }
}
