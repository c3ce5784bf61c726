//! How every adapter's SDK errors become the domain's: the step from AWS to the lowest rung of the ladder.
//!
//! Not for services whose answers hold secrets (Cognito, Secrets Manager): the text here shows the whole error, answer included.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use domain::ServiceError;
use std::fmt::Debug;

/// Classes an SDK error by its code; the text is for the log.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
pub fn failed<E: ProvideErrorMetadata + Debug, R: Debug>(error: SdkError<E, R>) -> ServiceError {
    ServiceError::of(error.code(), format!("{error:?}"))
}
