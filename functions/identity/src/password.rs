//! Passwords and codes on their way to Cognito: bounded, and never shown.

use domain::text::Email;
use http_api::Problem;
use serde::Deserialize;
use std::fmt;

/// Shortest password, in characters: what the user pool in `template.yaml` asks for.
const SHORTEST: usize = 12;
/// Longest password, in characters (AWS "SignUp").
const LONGEST: usize = 256;

/// A new password, as somebody chose it; [`ChosenPassword::checked`] makes sure of the rules: 12 to 256 characters, none of them a control
/// character, no white space at either end (Cognito takes none there), not the address, not one character again and again.
/// Length protects; rules about signs only teach people to write `Password1!`.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(value_type = String, format = "password", min_length = 12, max_length = 256)]
pub struct ChosenPassword(String);

/// A new password that keeps the rules.
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
pub const RULES: &str = "must have 12 to 256 characters, no control characters, and no white space at its beginning or end; it must not be your address, nor one character again and again";

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

impl ChosenPassword {
    /// The password, if it keeps every rule; otherwise each rule that it breaks, as an error of its own at `pointer`.
    pub fn checked(self, pointer: &str, address: &Email) -> Result<NewPassword, Problem> {
        let broken = self.broken(address);
        let Some((first, others)) = broken.split_first() else {
            return Ok(NewPassword(self.0));
        };
        let problem = Problem::field(pointer, *first);
        Err(others.iter().fold(problem, |problem, rule| problem.and(pointer, *rule)))
    }

    fn broken(&self, address: &Email) -> Vec<&'static str> {
        let (text, length) = (&self.0, self.0.chars().count());
        let name = address.as_str().split('@').next().unwrap_or_default();
        let is = |other: &str| text.to_lowercase() == other.to_lowercase();
        let mut characters = text.chars();
        let first = characters.next();
        let rules = [
            (length < SHORTEST, "must have at least 12 characters"),
            (length > LONGEST, "must have at most 256 characters"),
            (text.chars().any(char::is_control), "must not hold control characters"),
            (text.trim() != text, "must not begin or end with white space"),
            (is(address.as_str()) || is(name), "must not be your address"),
            (
                length > 1 && characters.all(|next| Some(next) == first),
                "must not be one character again and again",
            ),
        ];
        rules
            .iter()
            .filter(|(broken, _)| *broken)
            .map(|(_, rule)| *rule)
            .collect()
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

impl fmt::Debug for ChosenPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChosenPassword(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str) -> Vec<&'static str> {
        let address = Email::parse("a.long.name@example.com").unwrap();
        ChosenPassword(text.to_owned()).broken(&address)
    }

    #[test]
    fn every_rule_that_is_broken_is_said() {
        for good in ["correct horse battery", "пароль из слов", &"xy".repeat(LONGEST / 2)] {
            assert!(broken(good).is_empty(), "{good}");
        }
        let long = "xy".repeat(LONGEST / 2 + 1);
        let cases: [(&str, &[&str]); 9] = [
            ("", &["must have at least 12 characters"]),
            ("Short-1", &["must have at least 12 characters"]),
            (" space before it", &["must not begin or end with white space"]),
            ("space after it ", &["must not begin or end with white space"]),
            ("Tab\tInside-It-1", &["must not hold control characters"]),
            ("A.Long.Name@Example.com", &["must not be your address"]),
            ("xxxxxxxxxxxxxxxx", &["must not be one character again and again"]),
            (
                "\n\n",
                &[
                    "must have at least 12 characters",
                    "must not hold control characters",
                    "must not begin or end with white space",
                    "must not be one character again and again",
                ],
            ),
            (&long, &["must have at most 256 characters"]),
        ];
        for (weak, rules) in cases {
            assert_eq!(broken(weak), rules, "{weak}");
        }
    }

    #[test]
    fn what_stands_before_the_at_sign_is_no_password_either() {
        let address = Email::parse("a.very.long.name@example.com").unwrap();
        let problem = ChosenPassword("A.Very.Long.Name".to_owned()).checked("/password", &address);
        let problem = format!("{:?}", problem.map(|_| ()).unwrap_err());
        assert!(
            problem.contains("must not be your address") && !problem.contains("A.Very"),
            "{problem}"
        );
    }

    #[test]
    fn the_user_pool_asks_for_no_more_and_no_less() {
        let template = include_str!("../../../template.yaml");
        let policy = template.split("PasswordPolicy:\n").nth(1).unwrap();
        let policy = policy.lines().take_while(|line| line.starts_with("          "));
        let mut rules: Vec<_> = policy.flat_map(str::split_whitespace).collect();
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
