//! What Cognito answers when it refuses, in the words of those who ask.

use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use domain::ServiceError;
use std::error::Error;

/// Why Cognito did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CognitoError {
    /// Somebody has an account with this address.
    #[error("the address is taken")]
    EmailTaken,
    /// No such account, a wrong password, a token that is over, or an account that is not in the state for this.
    #[error("wrong credentials")]
    WrongCredentials,
    /// The address is not confirmed yet. Cognito says so before it looks at the password: it is no proof of anything.
    #[error("the address is not confirmed")]
    NotConfirmed,
    /// Not the code that was sent.
    #[error("wrong code")]
    WrongCode,
    /// The code is too old, was used already, or none was sent.
    #[error("the code has expired")]
    ExpiredCode,
    /// The pool's password rule, in Cognito's words.
    #[error("weak password: {0}")]
    WeakPassword(String),
    /// Too many attempts with this address.
    #[error("too many attempts")]
    TooMany,
    /// Too many wrong passwords: Cognito looks at none for a while (Amazon Cognito Developer Guide, "Lockout behavior for failed sign-in attempts").
    #[error("too many wrong passwords")]
    Waiting,
    /// The account needs a step that the API does not offer, such as a new password after staff have set one.
    #[error("a challenge is required")]
    ChallengeRequired,
    /// Cognito does not take a parameter, or not in the account's present state (a confirmed one has nothing to confirm).
    #[error("not possible: {0}")]
    NotPossible(String),
    /// Cognito failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// Classes an SDK error by its code. The debug form of an SDK error holds the whole answer, which may hold tokens: only its messages are kept.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
pub(crate) fn failed<E, R>(error: SdkError<E, R>) -> CognitoError
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug,
{
    let message = error.message().unwrap_or_default().to_owned();
    refusal(error.code(), message).unwrap_or_else(|| ServiceError::of(error.code(), chain(&error)).into())
}

/// An answer without what it must hold.
pub(crate) fn incomplete(what: &str) -> CognitoError {
    ServiceError::Failed(what.to_owned()).into()
}

fn refusal(code: Option<&str>, message: String) -> Option<CognitoError> {
    use CognitoError as Is;
    Some(match code? {
        // Our proof was not taken: no fault of the caller's.
        "NotAuthorizedException" if message.contains("secret hash") => return None,
        "NotAuthorizedException" if message.contains("attempts exceeded") => Is::Waiting,
        "UsernameExistsException" | "AliasExistsException" => Is::EmailTaken,
        "NotAuthorizedException" | "UserNotFoundException" => Is::WrongCredentials,
        "UserNotConfirmedException" => Is::NotConfirmed,
        // Of a software token's first code Cognito says it in words of its own.
        "CodeMismatchException" | "EnableSoftwareTokenMFAException" => Is::WrongCode,
        "ExpiredCodeException" => Is::ExpiredCode,
        "InvalidPasswordException" | "PasswordHistoryPolicyViolationException" => Is::WeakPassword(message),
        "LimitExceededException" | "TooManyFailedAttemptsException" => Is::TooMany,
        "PasswordResetRequiredException" => Is::ChallengeRequired,
        "InvalidParameterException" | "SoftwareTokenMFANotFoundException" => Is::NotPossible(message),
        _ => return None,
    })
}

/// An error and its sources, by their messages.
fn chain(error: &dyn Error) -> String {
    let messages: Vec<_> = std::iter::successors(Some(error), |error| (*error).source())
        .map(ToString::to_string)
        .collect();
    messages.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_from_a_failure() {
        let of = |code| refusal(Some(code), "m".to_owned());
        assert_eq!(of("UserNotFoundException"), Some(CognitoError::WrongCredentials));
        assert_eq!(
            of("InvalidPasswordException"),
            Some(CognitoError::WeakPassword("m".into()))
        );
        // The pool's own limit is an outage for whoever meets it, not something that they did.
        assert_eq!(of("TooManyRequestsException"), None);
        let proof = "Unable to verify secret hash for client 1example23456789".to_owned();
        assert_eq!(refusal(Some("NotAuthorizedException"), proof), None);
        let waiting = "Password attempts exceeded".to_owned();
        assert_eq!(
            refusal(Some("NotAuthorizedException"), waiting),
            Some(CognitoError::Waiting)
        );
        assert_eq!(refusal(None, String::new()), None);
    }
}
