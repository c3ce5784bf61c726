//! Sessions of devices and machines: tokens that Millwright signs itself (`domain::session`).

use crate::directory::Credentials;
use crate::refusal::{Reason, Refusal};
use domain::session::{KEY_READ_EVERY, PublishedKeys, Session, SessionError, Unverified};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

/// How long after a look at the keys there is no other for a key that was not there: anybody can make up the name of a key.
const REST: SignedDuration = SignedDuration::from_secs(10);

/// Whose sessions are taken, and the keys that they are signed with, as they were last read.
pub struct Sessions {
    issuer: String,
    read: Mutex<Option<(PublishedKeys, Timestamp)>>,
}

impl Sessions {
    /// Takes the sessions of one deployment. The first session has the keys read.
    pub fn new(issuer: String) -> Self {
        Self {
            issuer,
            read: Mutex::default(),
        }
    }

    /// What a token says, once all that can be checked without its holder's rows is checked.
    pub(crate) async fn verify(
        &self,
        token: &str,
        directory: &impl Credentials,
        now: Timestamp,
    ) -> Result<Session, Refusal> {
        let token = Unverified::parse(token).map_err(Reason::from)?;
        let key = self.key(token.kid(), directory, now).await?;
        let session = token.verify(&key, &self.issuer, now);
        Ok(session.map_err(Reason::from)?)
    }

    /// The public half of a key. The keys are read anew once a minute, and sooner for one that is not among them.
    async fn key(&self, id: &str, directory: &impl Credentials, now: Timestamp) -> Result<Vec<u8>, Refusal> {
        let mut read = self.read.lock().await;
        let known =
            |read: &Option<(PublishedKeys, Timestamp)>| read.as_ref().and_then(|(keys, _)| keys.key(id, now)?.bytes());
        let rest = if known(&read).is_some() { KEY_READ_EVERY } else { REST };
        if read
            .as_ref()
            .is_none_or(|(_, at)| now.duration_since(*at).abs() >= rest)
        {
            *read = Some((directory.session_keys().await?, now));
        }
        known(&read).ok_or_else(|| Reason::from(SessionError::UnknownKey).into())
    }
}

impl From<SessionError> for Reason {
    fn from(error: SessionError) -> Self {
        Self::Machine(error)
    }
}
