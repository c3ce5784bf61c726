//! Cognito's refusals as problems. Nothing here tells whether an address has an account.

use crate::password::RULES;
use aws_cognito::CognitoError;
use http_api::{Kind, NoContent, Problem};

/// One text for every sign-in that fails: a wrong address, a wrong password and an unconfirmed account look the same. Cognito tells of an
/// unconfirmed account before it looks at the password, so that saying it here would tell anybody.
const SIGN_IN: &str = "The email address or the password is wrong, or the account is not confirmed yet: confirm it with the code that was mailed, or reset the password.";

/// One text for every second factor that fails: a wrong code, one that was used, a sign-in that is over and one that never was look the same.
const SECOND_FACTOR: &str =
    "The code is wrong or used, or the sign-in has waited for more than three minutes: sign in again.";

/// A refused second factor as a problem.
pub fn second_factor(error: CognitoError) -> Problem {
    match error {
        CognitoError::Service(_) | CognitoError::TooMany | CognitoError::Waiting => problem(error),
        _ => wrong_factor(),
    }
}

/// A second factor that is not right.
pub fn wrong_factor() -> Problem {
    Problem::new(Kind::Unauthorized, SECOND_FACTOR)
}

/// A refused proof of somebody who is signed in: their session stays good, so that it is no 401.
pub fn proof(error: CognitoError) -> Problem {
    match error {
        CognitoError::WrongCredentials => Problem::field("/password", "is not your password"),
        CognitoError::WrongCode | CognitoError::ExpiredCode => {
            Problem::field("/code", "is wrong or used, or the recovery code is")
        }
        other => problem(other),
    }
}

/// A refusal as a problem.
pub fn problem(error: CognitoError) -> Problem {
    match error {
        CognitoError::WrongCredentials | CognitoError::NotConfirmed => Problem::new(Kind::Unauthorized, SIGN_IN),
        CognitoError::WrongCode | CognitoError::ExpiredCode => wrong_code(),
        CognitoError::WeakPassword(rule) if rule.is_empty() => Problem::field("/password", RULES),
        CognitoError::WeakPassword(rule) => Problem::field("/password", rule),
        CognitoError::TooMany | CognitoError::Waiting => {
            Problem::new(Kind::TooMany, "There were too many tries: wait some minutes.")
        }
        // Only the right password leads here.
        CognitoError::ChallengeRequired => Problem::new(
            Kind::Forbidden,
            "The account needs a new password before it can be used: reset the password.",
        ),
        // Whoever may meet a taken address says what it means there.
        error @ CognitoError::EmailTaken => Problem::internal(error),
        CognitoError::NotPossible(why) => Problem::internal(why),
        CognitoError::Service(error) => error.into(),
    }
}

/// A refused code as a problem: no account, nothing to confirm, the wrong code, too many tries and an old code look the same.
pub fn code_problem(error: CognitoError) -> Problem {
    match error {
        CognitoError::WeakPassword(_) | CognitoError::Service(_) => problem(error),
        _ => wrong_code(),
    }
}

/// The answer to a wish for a mail: the same whatever became of it, unless Cognito is down.
pub fn unless_down(mailed: Result<(), CognitoError>) -> Result<NoContent, Problem> {
    match mailed {
        Err(CognitoError::Service(error)) => Err(error.into()),
        Ok(()) | Err(_) => Ok(NoContent),
    }
}

fn wrong_code() -> Problem {
    Problem::field(
        "/code",
        "is wrong, used, too old or was tried too often: ask for another",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ServiceError;

    fn down() -> CognitoError {
        ServiceError::Busy("no answer".to_owned()).into()
    }

    /// What the caller can tell answers apart by.
    fn shown(problem: &Problem) -> String {
        format!("{problem:?}")
    }

    #[test]
    fn a_failed_sign_in_does_not_tell_who_has_an_account() {
        let wrong = shown(&problem(CognitoError::WrongCredentials));
        assert_eq!(shown(&problem(CognitoError::NotConfirmed)), wrong);
    }

    #[test]
    fn a_refused_code_does_not_tell_who_has_an_account() {
        use CognitoError as Is;
        let wrong = shown(&code_problem(Is::WrongCode));
        let not_possible = Is::NotPossible("there is no verified email".to_owned());
        for error in [
            Is::ExpiredCode,
            Is::WrongCredentials,
            Is::TooMany,
            Is::NotConfirmed,
            not_possible,
        ] {
            assert_eq!(shown(&code_problem(error.clone())), wrong, "{error}");
        }
        assert_eq!(code_problem(down()).kind(), Kind::Unavailable);
    }

    #[test]
    fn a_wish_for_a_mail_is_answered_alike_unless_cognito_is_down() {
        use CognitoError as Is;
        for mailed in [
            Ok(()),
            Err(Is::WrongCredentials),
            Err(Is::TooMany),
            Err(Is::NotPossible(String::new())),
        ] {
            assert!(unless_down(mailed).is_ok());
        }
        assert!(unless_down(Err(down())).is_err());
    }
}
