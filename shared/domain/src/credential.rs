//! Secrets that Millwright mints: API keys, project tokens, invitation and unlock links.
//!
//! A token is a prefix that secret scanners can recognise, the ids it belongs to (so that its row is found with one read),
//! 160 random bits, and a CRC-32 that turns a mistyped token away without a look into the database:
//! `mwk_<id...><secret><checksum>`. Only its SHA-256 is ever stored.

mod rotation;

pub use rotation::{FormerSecret, Overlap, OverlapError};

use crate::source::Source;
use crate::{KeyId, OrgId, ProjectId, UserId, id};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;
use ulid::Ulid;

/// Crockford base 32 without its ambiguous letters, as ULIDs use it.
pub(crate) const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of the secret: 32 of 5 bits each are 160 bits.
const SECRET_LENGTH: usize = 32;
/// Characters of the checksum: 32 bits in base 32.
const CHECKSUM_LENGTH: usize = 7;

/// What a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// An API key: `mwk_`, the key's id.
    ApiKey,
    /// A project's token, with which its devices ask for sessions: `mwp_`, the ids of organisation and project.
    Project,
    /// An invitation: `mwi_`, the ids of organisation and invitation.
    Invitation,
    /// What unlocks an account's sign-in: `mwu_`, the person's id.
    Unlock,
    /// What proves that somebody reads the mail of their new address: `mwe_`, the person's id.
    Email,
    /// What finishes a sign-in through an identity provider: `mws_`, no ids.
    SignIn,
}

impl TokenKind {
    fn prefix(self) -> &'static str {
        match self {
            Self::ApiKey => "mwk_",
            Self::Project => "mwp_",
            Self::Invitation => "mwi_",
            Self::Unlock => "mwu_",
            Self::Email => "mwe_",
            Self::SignIn => "mws_",
        }
    }

    fn ids(self) -> usize {
        match self {
            Self::SignIn => 0,
            Self::ApiKey | Self::Unlock | Self::Email => 1,
            Self::Project | Self::Invitation => 2,
        }
    }
}

/// A secret in clear, on its way to or from its owner. Never stored; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    text: String,
    ids: Vec<Ulid>,
}

/// A text that is no token of the kind expected, or one with a typing error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token is not well formed")]
pub struct TokenError;

/// SHA-256 of a token, in lower-case hexadecimal: what is stored in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenHash(String);

impl Token {
    /// A new API key's secret.
    pub fn api_key(key: KeyId, source: &Source) -> Self {
        Self::mint(TokenKind::ApiKey, &[id::Id::ulid(key)], source)
    }

    /// A new project token.
    pub fn project(org: OrgId, project: ProjectId, source: &Source) -> Self {
        Self::mint(TokenKind::Project, &[id::Id::ulid(org), id::Id::ulid(project)], source)
    }

    /// A new invitation's one-time token.
    pub fn invitation(org: OrgId, invitation: crate::InvitationId, source: &Source) -> Self {
        Self::mint(
            TokenKind::Invitation,
            &[id::Id::ulid(org), id::Id::ulid(invitation)],
            source,
        )
    }

    /// A new one-time token that unlocks somebody's sign-in.
    pub fn unlock(user: UserId, source: &Source) -> Self {
        Self::mint(TokenKind::Unlock, &[id::Id::ulid(user)], source)
    }

    /// A new token that confirms somebody's new address.
    pub fn email(user: UserId, source: &Source) -> Self {
        Self::mint(TokenKind::Email, &[id::Id::ulid(user)], source)
    }

    /// A new ticket of a sign-in through an identity provider.
    pub fn sign_in(source: &Source) -> Self {
        Self::mint(TokenKind::SignIn, &[], source)
    }

    fn mint(kind: TokenKind, ids: &[Ulid], source: &Source) -> Self {
        let mut text = kind.prefix().to_owned();
        for id in ids {
            text.push_str(&id.to_string());
        }
        let random: [u8; SECRET_LENGTH] = source.bytes();
        text.extend(random.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])));
        let checksum = checksum(&text);
        text.push_str(&checksum);
        Self {
            text,
            ids: ids.to_vec(),
        }
    }

    /// Reads a token of one kind. Says nothing about whether it is still good.
    pub fn parse(kind: TokenKind, text: &str) -> Result<Self, TokenError> {
        let length = kind.prefix().len() + kind.ids() * id::ULID_LENGTH + SECRET_LENGTH + CHECKSUM_LENGTH;
        if text.len() != length || !text.is_ascii() || !text.starts_with(kind.prefix()) {
            return Err(TokenError);
        }
        let (body, sum) = text.split_at(length - CHECKSUM_LENGTH);
        if checksum(body) != sum {
            return Err(TokenError);
        }
        let ids = (0..kind.ids())
            .map(|n| {
                body.get(kind.prefix().len() + n * id::ULID_LENGTH..)
                    .and_then(|rest| rest.get(..id::ULID_LENGTH))
            })
            .map(|text| text.and_then(id::parse_ulid).ok_or(TokenError))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            text: text.to_owned(),
            ids,
        })
    }

    /// The `n`-th id inside (see [`TokenKind`]); the parser made sure that all are there.
    pub fn id<T: id::Id>(&self, n: usize) -> T {
        T::from(self.ids.get(n).copied().unwrap_or_default())
    }

    /// What is stored in the token's place.
    pub fn hash(&self) -> TokenHash {
        TokenHash(
            Sha256::digest(self.text.as_bytes())
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }

    /// The secret in clear, to be shown to its owner once.
    pub fn reveal(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

impl TokenHash {
    /// The hash as a text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `stored` is this hash, in a time that tells nothing about where they differ.
    pub fn matches(&self, stored: &Self) -> bool {
        self.0.as_bytes().ct_eq(stored.0.as_bytes()).into()
    }
}

fn checksum(body: &str) -> String {
    let crc = crc32fast::hash(body.as_bytes());
    (0..CHECKSUM_LENGTH)
        .rev()
        .map(|n| char::from(ALPHABET[(crc >> (5 * n)) as usize & 31]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, Random};

    struct Fixed;
    impl Clock for Fixed {
        fn now(&self) -> jiff::Timestamp {
            jiff::Timestamp::UNIX_EPOCH
        }
    }
    impl Random for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes
                .iter_mut()
                .enumerate()
                .for_each(|(i, b)| *b = u8::try_from(i * 37 % 256).unwrap());
        }
    }

    #[test]
    fn a_token_survives_its_text_and_no_other_text_passes() {
        let source = Source::new(Fixed, Fixed);
        let key: KeyId = source.id();
        let token = Token::api_key(key, &source);
        let read = Token::parse(TokenKind::ApiKey, token.reveal()).unwrap();
        assert_eq!(read.id::<KeyId>(0), key);
        assert!(read.hash().matches(&token.hash()));
        assert!(!read.hash().matches(&TokenHash(String::new())));
        assert!(Token::parse(TokenKind::Project, token.reveal()).is_err());
        for position in 0..token.reveal().len() {
            let mut typo = token.reveal().to_owned();
            let old = typo.remove(position);
            typo.insert(position, if old == '7' { '8' } else { '7' });
            assert!(
                Token::parse(TokenKind::ApiKey, &typo).is_err(),
                "typing error at {position}"
            );
        }
        assert_eq!(format!("{token:?}"), "Token(..)");
    }
}
