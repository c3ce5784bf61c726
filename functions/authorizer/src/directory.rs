//! What the authorizer asks of the directory: a seam, so that a test can answer in its place.

use aws_dynamodb::{Directory, KeyCredentials, UserCredentials};
use domain::{KeyId, OrgId, ServiceError, UserId};
use std::future::Future;

/// Looks up those who present credentials. Each look-up is one strongly consistent read.
pub trait Credentials: Send + Sync {
    /// A person, the sign-in of their token, and their place in an organisation.
    fn user(
        &self,
        user: UserId,
        session: &str,
        org: Option<OrgId>,
    ) -> impl Future<Output = Result<UserCredentials, ServiceError>> + Send;

    /// An API key, and an organisation.
    fn key(&self, key: KeyId, org: Option<OrgId>) -> impl Future<Output = Result<KeyCredentials, ServiceError>> + Send;

    /// Notes that an API key is used at that second, unless that was noted at `since` or later. A write, not a read.
    fn note_use(&self, key: KeyId, at: i64, since: i64) -> impl Future<Output = Result<(), ServiceError>> + Send;
}

impl Credentials for Directory {
    async fn user(&self, user: UserId, session: &str, org: Option<OrgId>) -> Result<UserCredentials, ServiceError> {
        self.user_credentials(user, session, org).await
    }

    async fn key(&self, key: KeyId, org: Option<OrgId>) -> Result<KeyCredentials, ServiceError> {
        self.key_credentials(key, org).await
    }

    async fn note_use(&self, key: KeyId, at: i64, since: i64) -> Result<(), ServiceError> {
        self.note_key_use(key, at, since).await
    }
}
