//! Cognito's refusals as problems. Nothing here tells whether an address has an account, but for sign-up, which cannot help it.

use crate::password::RULES;
use aws_cognito::CognitoError;
use domain::ServiceError;
use http_api::{Kind, Problem};

/// One text for every sign-in that fails: a wrong address, a wrong password and an unconfirmed account look the same.
const SIGN_IN: &str = "The email address or the password is wrong, or the account is not confirmed yet: confirm it with the code that was mailed, or reset the password.";

/// A refusal as a problem.
pub fn problem(error: CognitoError) -> Problem {
    match error {
        CognitoError::EmailTaken => {
            let detail = "There is an account with this address: sign in, or reset its password.";
            Problem::new(Kind::Conflict, detail).and("/email", "has an account")
        }
        CognitoError::WrongCredentials | CognitoError::NotConfirmed => Problem::new(Kind::Unauthorized, SIGN_IN),
        CognitoError::WrongCode | CognitoError::ExpiredCode | CognitoError::NotPossible(_) => {
            Problem::field("/code", "is wrong, used or too old: ask for another")
        }
        CognitoError::WeakPassword(_) => Problem::field("/password", RULES),
        CognitoError::TooMany => Problem::new(Kind::TooMany, "There were too many tries: wait some minutes."),
        CognitoError::ChallengeRequired => Problem::internal(ServiceError::Failed(
            "Cognito asks for a challenge that the pool should not have".to_owned(),
        )),
        CognitoError::Service(error) => error.into(),
    }
}
