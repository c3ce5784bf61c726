//! Granting sessions: the present key, published before anything is signed with it.

use aws_config::SdkConfig;
use aws_dynamodb::Directory;
use domain::ServiceError;
use domain::session::{KEY_GOOD_FOR, KEY_READ_EVERY, Minted, Session, SessionKey};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tokio::sync::Mutex;

/// How much longer a key must be published for than now for another session to be signed with it: longer than any session, by far enough that it
/// is published anew about once an hour.
const LEAST: SignedDuration = SignedDuration::from_hours(2);

/// Signs sessions with the key of the secret's present value.
#[derive(Clone)]
pub struct Granter(Arc<Inner>);

struct Inner {
    aws: SdkConfig,
    secret: String,
    directory: Directory,
    issuer: String,
    held: Mutex<Option<Held>>,
}

/// The key as it was last read.
struct Held {
    key: SessionKey,
    read_at: Timestamp,
    /// The second until which it is published.
    until: i64,
}

impl Granter {
    /// Signs in the name of `issuer` with the key of the secret of that ARN, and publishes its public half in the directory.
    pub fn new(aws: &SdkConfig, secret: String, directory: &Directory, issuer: String) -> Self {
        Self(Arc::new(Inner {
            aws: aws.clone(),
            secret,
            directory: directory.clone(),
            issuer,
            held: Mutex::default(),
        }))
    }

    /// A session from now on. Notices a rotation of the key within [`KEY_READ_EVERY`]; while the secret cannot be read, the key from before does.
    pub async fn grant(&self, session: &Session, now: Timestamp, life: SignedDuration) -> Result<Minted, ServiceError> {
        let mut held = self.0.held.lock().await;
        if held
            .as_ref()
            .is_none_or(|held| now.duration_since(held.read_at).abs() >= KEY_READ_EVERY)
        {
            match self.0.read(now).await {
                Ok(read) => *held = Some(read),
                Err(error) if held.as_ref().is_some_and(|held| held.outlasts(now, life)) => {
                    tracing::warn!(%error, "the session key is not read anew");
                }
                Err(error) => return Err(error),
            }
        }
        let held = held
            .as_ref()
            .ok_or_else(|| ServiceError::Failed("no session key".to_owned()))?;
        Ok(held.key.mint(&self.0.issuer, session, now, life))
    }
}

impl Held {
    fn outlasts(&self, now: Timestamp, life: SignedDuration) -> bool {
        self.until.saturating_sub(now.as_second()) >= life.as_secs()
    }
}

impl Inner {
    async fn read(&self, now: Timestamp) -> Result<Held, ServiceError> {
        let secret = aws_secrets::read(&self.aws, &self.secret).await?;
        let key = SessionKey::of_secret(secret.as_bytes()).map_err(|error| ServiceError::Failed(error.to_string()))?;
        let published = self.directory.session_keys().await?;
        let mut held = Held {
            until: published.until(key.id()),
            key,
            read_at: now,
        };
        if !held.outlasts(now, LEAST) {
            let until = now.saturating_add(KEY_GOOD_FOR);
            let until = until.map_err(|error| ServiceError::Failed(error.to_string()))?;
            self.directory
                .publish_session_key(&held.key.published(until), now)
                .await?;
            held.until = until.as_second();
            tracing::info!(key = held.key.id(), "the session key is published");
        }
        Ok(held)
    }
}
