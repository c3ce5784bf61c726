//! The second factor of a sign-in: six digits of an authenticator (TOTP, RFC 6238), or in its place a recovery code.

use crate::credential::ALPHABET;
use crate::{Source, UserId};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fmt;

/// How many recovery codes somebody gets at once.
pub const RECOVERY_CODES: usize = 10;
/// Characters of a recovery code: 20 of 5 bits each are 100 bits, which nobody guesses and no salt has to protect.
const CODE_LENGTH: usize = 20;
/// Characters between two hyphens.
const GROUP: usize = 4;
/// Longest text that is read as a recovery code.
const LONGEST: usize = 64;

/// The six digits that an authenticator shows at present.
#[derive(Clone, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 6, max_length = 6, pattern = "^[0-9]{6}$")]
pub struct TotpCode(String);

/// A one-time code in the place of the authenticator's: `ABCD-EFGH-JKMN-PQRS-TVWX`. Case, hyphens and blanks do not matter, and `O`, `I`
/// and `L` are read as the digits that they look like. Only its hash is stored; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, max_length = 64)]
pub struct RecoveryCode(String);

impl TotpCode {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl RecoveryCode {
    /// A new code.
    pub fn mint(source: &Source) -> Self {
        let random: [u8; CODE_LENGTH] = source.bytes();
        Self(
            random
                .iter()
                .map(|byte| char::from(ALPHABET[usize::from(byte & 31)]))
                .collect(),
        )
    }

    /// The code in clear, to be shown to its owner once.
    pub fn reveal(&self) -> String {
        let groups: Vec<_> = (0..CODE_LENGTH)
            .step_by(GROUP)
            .map(|at| &self.0[at..at + GROUP])
            .collect();
        groups.join("-")
    }

    /// What is stored in the code's place: SHA-256 of its owner's id and the code, in hexadecimal.
    pub fn hash(&self, owner: UserId) -> String {
        let digest = Sha256::digest(format!("{owner}:{}", self.0));
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl TryFrom<String> for TotpCode {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            true => Ok(Self(text)),
            false => Err("must be the six digits that the authenticator shows"),
        }
    }
}

impl TryFrom<String> for RecoveryCode {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let plain = |c: char| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        };
        let signs = text.chars().take(LONGEST + 1).filter(|c| !matches!(c, '-' | ' '));
        let code: String = signs.map(plain).collect();
        let known = code.bytes().all(|byte| ALPHABET.contains(&byte));
        match text.len() <= LONGEST && code.len() == CODE_LENGTH && known {
            true => Ok(Self(code)),
            false => Err("must be a recovery code, as in ABCD-EFGH-JKMN-PQRS-TVWX"),
        }
    }
}

impl fmt::Debug for TotpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpCode(..)")
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(..)")
    }
}

/// What an authenticator takes in as a QR code (Google Authenticator "Key URI Format"): `secret` in base 32 is whose at that address.
pub fn otpauth_uri(secret: &str, address: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte);
    let encoded = address.bytes().map(|byte| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    let account: String = encoded.collect();
    format!("otpauth://totp/Millwright:{account}?secret={secret}&issuer=Millwright&algorithm=SHA1&digits=6&period=30")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, Random};
    use jiff::Timestamp;

    struct Fixed;
    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }
    }
    impl Random for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.iter_mut().zip(0..).for_each(|(byte, n)| *byte = n);
        }
    }

    #[test]
    fn a_recovery_code_survives_its_text_however_it_is_typed() {
        let code = RecoveryCode::mint(&Source::new(Fixed, Fixed));
        assert_eq!(code.reveal(), "0123-4567-89AB-CDEF-GHJK");
        for typed in [
            "0123-4567-89AB-CDEF-GHJK",
            "o12345 6789abcdefghjk",
            "Ol23456789ABCDEFGHJK",
        ] {
            assert_eq!(RecoveryCode::try_from(typed.to_owned()).unwrap(), code, "{typed}");
        }
        for wrong in [
            "",
            "0123-4567-89AB-CDEF-GHJ",
            "0123-4567-89AB-CDEF-GHJKM",
            "U123-4567-89AB-CDEF-GHJK",
            &"-".repeat(99),
        ] {
            assert!(RecoveryCode::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
        assert_eq!(format!("{code:?}"), "RecoveryCode(..)");
    }

    #[test]
    fn two_people_with_one_code_have_two_hashes() {
        let code = RecoveryCode::mint(&Source::new(Fixed, Fixed));
        let [ada, eve] = ["usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC", "usr_01KAF2Z7M0V8Q4J3T6B9N5R1XD"];
        let hash = |owner: &str| code.hash(owner.parse().unwrap());
        assert_eq!(hash(ada).len(), 64);
        assert_ne!(hash(ada), hash(eve));
    }

    #[test]
    fn a_totp_code_has_six_digits() {
        assert!(TotpCode::try_from("012345".to_owned()).is_ok());
        for wrong in ["", "12345", "1234567", "12345a", "１２３４５６"] {
            assert!(TotpCode::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_address_is_encoded_in_the_uri() {
        let uri = otpauth_uri("JBSWY3DP", "ada+1?x@example.com");
        assert!(
            uri.starts_with("otpauth://totp/Millwright:ada%2B1%3Fx@example.com?secret=JBSWY3DP&"),
            "{uri}"
        );
    }
}
