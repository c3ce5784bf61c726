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
    type Error = String;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let length = text.chars().count();
        let broken = [
            (length < SHORTEST, "must have at least 12 characters"),
            (length > LONGEST, "must have at most 256 characters"),
            (text.chars().any(char::is_control), "must not hold control characters"),
            (text.trim() != text, "must not begin or end with white space"),
        ];
        let broken: Vec<_> = broken
            .iter()
            .filter(|(broken, _)| *broken)
            .map(|(_, rule)| *rule)
            .collect();
        if broken.is_empty() {
            Ok(Self(text))
        } else {
            Err(broken.join("; "))
        }
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
        for (weak, rules) in [
            ("", "must have at least 12 characters"),
            ("Short-1", "must have at least 12 characters"),
            (" space before it", "must not begin or end with white space"),
            ("space after it ", "must not begin or end with white space"),
            ("Tab\tInside-It-1", "must not hold control characters"),
            (
                "short\n",
                "must have at least 12 characters; must not hold control characters; must not begin or end with white space",
            ),
            (&long, "must have at most 256 characters"),
        ] {
            let error = serde_json::from_value::<NewPassword>(weak.into()).unwrap_err();
            assert_eq!(error.to_string(), rules);
        }
    }

    #[test]
    fn the_user_pool_asks_for_no_more_and_no_less() {
        let template = include_str!("../../../template.yaml");
        let policy = template
            .split("PasswordPolicy:")
            .nth(1)
            .and_then(|rest| rest.split("UserPoolTags").next());
        let mut rules: Vec<_> = policy.unwrap().split_whitespace().collect();
        assert_eq!(
            rules.drain(..2).collect::<Vec<_>>(),
            ["MinimumLength:", &SHORTEST.to_string()]
        );
        assert!(
            rules.iter().all(|word| word.starts_with("Require") || *word == "false"),
            "{rules:?}"
        );
    }
}
