//! How every adapter's SDK errors become the domain's: the step from AWS to the lowest rung of the ladder.
//!
//! Not for services whose answers hold secrets (Cognito, Secrets Manager): the text here shows the whole error, answer included.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use domain::ServiceError;
use std::fmt::Debug;
use std::time::Duration;

/// No service's wish is honoured for longer: a task that waits has a deadline.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// Classes an SDK error by its code; the text is for the log.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
pub fn failed<E: ProvideErrorMetadata + Debug>(error: SdkError<E, HttpResponse>) -> ServiceError {
    let after = error.raw_response().and_then(retry_after);
    ServiceError::of(error.code(), format!("{error:?}")).retry_after(after)
}

/// How long a service asks to be left alone, in seconds (RFC 9110 section 10.2.3; dates are not used by AWS and are passed over).
pub fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let seconds: u64 = response.headers().get("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::body::SdkBody;

    #[test]
    fn a_service_says_in_seconds_when_to_come_again() {
        let answer = |value: &'static str| {
            let mut response = HttpResponse::new(429.try_into().unwrap(), SdkBody::empty());
            response.headers_mut().insert("retry-after", value);
            retry_after(&response)
        };
        assert_eq!(answer("7"), Some(Duration::from_secs(7)));
        assert_eq!(answer("999999"), Some(LONGEST));
        assert_eq!(answer("Wed, 21 Oct 2026 07:28:00 GMT"), None);
    }
}
