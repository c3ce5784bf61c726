//! Passwords and codes on their way to Cognito: bounded, and never shown.

use serde::Deserialize;
use std::fmt;

/// Shortest password, in characters: what the user pool in `template.yaml` asks for.
const SHORTEST: usize = 12;
/// Longest password, in characters (AWS "SignUp").
const LONGEST: usize = 256;

/// A new password: 12 to 256 characters, none of them a control character, no white space at either end (Cognito takes none there).
/// Length protects; rules about signs only teach people to write `Password1!`.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, format = "password", min_length = 12, max_length = 256)]
pub struct NewPassword(String);

/// A password that was set before; whether it is right, Cognito says.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, format = "password", min_length = 1, max_length = 256)]
pub struct Password(String);

/// A code that was mailed: 1 to 64 digits or letters.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 1, max_length = 64)]
pub struct Code(String);

/// The rules, spelled out.
pub const RULES: &str =
    "must have 12 to 256 characters, no control characters, and no white space at its beginning or end";

impl NewPassword {
    /// The password in clear, for Cognito alone.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl Password {
    /// The password in clear, for Cognito alone.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl Code {
    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for NewPassword {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let fits = (SHORTEST..=LONGEST).contains(&text.chars().count());
        let plain = !text.chars().any(char::is_control) && text.trim() == text;
        if fits && plain { Ok(Self(text)) } else { Err(RULES) }
    }
}

impl TryFrom<String> for Password {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        if (1..=LONGEST).contains(&text.chars().count()) {
            Ok(Self(text))
        } else {
            Err("must have 1 to 256 characters")
        }
    }
}

impl TryFrom<String> for Code {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric());
        if plain && (1..=64).contains(&text.len()) {
            Ok(Self(text))
        } else {
            Err("must be the code from the mail")
        }
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_hold_and_an_error_never_repeats_the_password() {
        for good in ["correct horse battery", "пароль из слов", &"x".repeat(LONGEST)] {
            assert!(NewPassword::try_from(good.to_owned()).is_ok(), "{good}");
        }
        let long = "x".repeat(LONGEST + 1);
        for weak in [
            "",
            "Short-1",
            " space before it",
            "space after it ",
            "Tab\tInside-It-1",
            &long,
        ] {
            let error = serde_json::from_value::<NewPassword>(weak.into())
                .unwrap_err()
                .to_string();
            assert!(
                error.contains("12 to 256 characters") && (weak.is_empty() || !error.contains(weak)),
                "{error}"
            );
        }
    }
}
