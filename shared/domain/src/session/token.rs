//! A session as a token: `mws_` and a JWS (RFC 7515, compact) with one algorithm, one type, and claims that are all there and no others.

use super::{Holder, Series, Session, SessionKey};
use crate::{DeviceId, MachineId, OrgId, ProjectId, SeriesId};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What secret scanners and the authorizer know a session by.
const PREFIX: &str = "mws_";
/// The one algorithm (RFC 8037).
const ALGORITHM: &str = "EdDSA";
/// The type, so that no other token that some key of ours may sign one day passes for a session (RFC 8725 section 3.11).
const TYPE: &str = "mws+jwt";
/// Longest token that is looked at; the longest granted is under 600 bytes.
const LONGEST: usize = 1024;
/// Longest name of a key.
const LONGEST_KEY_ID: usize = 64;
/// How far the clock of whoever granted a session may be ahead, in seconds.
const AHEAD: i64 = 60;
/// Longest time from grant to end that is taken, in seconds, whatever was signed.
const LONGEST_LIFE: i64 = 60 * 60;

/// A session on its way to its holder.
pub struct Minted {
    /// The token. A secret.
    pub token: String,
    /// For how many seconds it is good.
    pub expires_in: i64,
}

/// Why a token is no session that counts. For the log: it holds no part of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SessionError {
    #[error("longer than any that is granted")]
    TooLong,
    #[error("not three parts of unpadded base64url")]
    Parts,
    #[error("a header that no session has")]
    Header,
    #[error("signed with an unknown key, or one whose time is over")]
    UnknownKey,
    #[error("the signature does not fit")]
    Signature,
    #[error("claims that no session has")]
    Claims,
    #[error("of another deployment")]
    Issuer,
    #[error("expired")]
    Expired,
    #[error("granted in the future")]
    NotYet,
    #[error("good for longer than any that is granted")]
    TooLongALife,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
    typ: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: Audience,
    sub: String,
    org: OrgId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prj: Option<ProjectId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    series: Option<(Option<SeriesId>, Option<SeriesId>)>,
    iat: i64,
    exp: i64,
}

/// Whose routes it is for.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Audience {
    Device,
    Machine,
}

/// Whether a bearer token claims to be a session, rather than Cognito's.
pub fn is_session(token: &str) -> bool {
    token.starts_with(PREFIX)
}

impl SessionKey {
    /// A session of that deployment, good from now on for `life`, at most an hour.
    pub fn mint(&self, issuer: &str, session: &Session, now: Timestamp, life: SignedDuration) -> Minted {
        let expires_in = life.as_secs().clamp(0, LONGEST_LIFE);
        let claims = Claims::of(session, issuer, now.as_second(), expires_in);
        let message = format!("{}.{}", encoded(&self.header()), encoded(&claims));
        let signature = URL_SAFE_NO_PAD.encode(self.pair.sign(message.as_bytes()));
        Minted {
            token: format!("{PREFIX}{message}.{signature}"),
            expires_in,
        }
    }

    fn header(&self) -> Header {
        Header {
            alg: ALGORITHM.to_owned(),
            kid: self.id.clone(),
            typ: TYPE.to_owned(),
        }
    }
}

/// A session whose signature nobody has checked yet.
pub struct Unverified<'a> {
    kid: String,
    message: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Unverified<'a> {
    /// Reads as much of a token as tells the key it claims to be signed with.
    pub fn parse(token: &'a str) -> Result<Self, SessionError> {
        if token.len() > LONGEST {
            return Err(SessionError::TooLong);
        }
        let token = token.strip_prefix(PREFIX).ok_or(SessionError::Parts)?;
        let (message, signature) = token.rsplit_once('.').ok_or(SessionError::Parts)?;
        let (header, payload) = message.split_once('.').ok_or(SessionError::Parts)?;
        let (payload, signature) = (decoded(payload)?, decoded(signature)?);
        let head: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| SessionError::Header)?;
        let known = head.alg == ALGORITHM && head.typ == TYPE && head.kid.len() <= LONGEST_KEY_ID;
        // The one spelling that is granted: no white space, no other order.
        if !known || encoded(&head) != header {
            return Err(SessionError::Header);
        }
        Ok(Self {
            kid: head.kid,
            message,
            payload,
            signature,
        })
    }

    /// The name of the key that it claims to be signed with.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Checks the signature first, then what the token says. `key` is the public half of the key of that name.
    pub fn verify(self, key: &[u8], issuer: &str, now: Timestamp) -> Result<Session, SessionError> {
        UnparsedPublicKey::new(&ED25519, key)
            .verify(self.message.as_bytes(), &self.signature)
            .map_err(|_| SessionError::Signature)?;
        let claims: Claims = serde_json::from_slice(&self.payload).map_err(|_| SessionError::Claims)?;
        claims.check(issuer, now.as_second())?;
        claims.session().ok_or(SessionError::Claims)
    }
}

impl Claims {
    fn of(session: &Session, issuer: &str, iat: i64, life: i64) -> Self {
        let (aud, sub, series) = match session.holder {
            Holder::Device(device, series) => (Audience::Device, device.to_string(), Some(series)),
            Holder::Machine(machine) => (Audience::Machine, machine.to_string(), None),
        };
        Self {
            iss: issuer.to_owned(),
            aud,
            sub,
            org: session.org,
            prj: series.map(|series| series.project),
            series: series.map(|series| (series.of_device, series.of_project)),
            iat,
            exp: iat.saturating_add(life),
        }
    }

    /// `exp` is the first second at which the session no longer counts (RFC 7519 section 4.1.4).
    fn check(&self, issuer: &str, now: i64) -> Result<(), SessionError> {
        match () {
            () if self.iss != issuer => Err(SessionError::Issuer),
            () if now >= self.exp => Err(SessionError::Expired),
            () if self.iat > now.saturating_add(AHEAD) => Err(SessionError::NotYet),
            () if self.exp.saturating_sub(self.iat) > LONGEST_LIFE => Err(SessionError::TooLongALife),
            () => Ok(()),
        }
    }

    fn session(self) -> Option<Session> {
        let holder = match (self.aud, self.prj, self.series) {
            (Audience::Device, Some(project), Some((of_device, of_project))) => {
                let series = Series {
                    project,
                    of_device,
                    of_project,
                };
                Holder::Device(self.sub.parse::<DeviceId>().ok()?, series)
            }
            (Audience::Machine, None, None) => Holder::Machine(self.sub.parse::<MachineId>().ok()?),
            _ => return None,
        };
        Some(Session { holder, org: self.org })
    }
}

fn encoded(value: &impl Serialize) -> String {
    // Texts and numbers alone: nothing in them that JSON could not hold.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).unwrap_or_default())
}

fn decoded(part: &str) -> Result<Vec<u8>, SessionError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| SessionError::Parts)
}
