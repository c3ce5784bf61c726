//! What the authorizer asks of the directory: a seam, so that a test can answer in its place.

use aws_dynamodb::{DeviceCredentials, Directory, KeyCredentials, MachineCredentials, UserCredentials};
use domain::session::PublishedKeys;
use domain::{DeviceId, KeyId, MachineId, OrgId, ProjectId, ServiceError, UserId};
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

    /// The series that a device's sessions must be of, and its organisation.
    fn device(
        &self,
        device: DeviceId,
        project: ProjectId,
        org: OrgId,
    ) -> impl Future<Output = Result<DeviceCredentials, ServiceError>> + Send;

    /// A machine, and its organisation.
    fn machine(
        &self,
        machine: MachineId,
        org: OrgId,
    ) -> impl Future<Output = Result<MachineCredentials, ServiceError>> + Send;

    /// The keys that sign sessions: a look-up a minute, beside that of each request.
    fn session_keys(&self) -> impl Future<Output = Result<PublishedKeys, ServiceError>> + Send;

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

    async fn device(
        &self,
        device: DeviceId,
        project: ProjectId,
        org: OrgId,
    ) -> Result<DeviceCredentials, ServiceError> {
        self.device_credentials(device, project, org).await
    }

    async fn machine(&self, machine: MachineId, org: OrgId) -> Result<MachineCredentials, ServiceError> {
        self.machine_credentials(machine, org).await
    }

    async fn session_keys(&self) -> Result<PublishedKeys, ServiceError> {
        Self::session_keys(self).await
    }

    async fn note_use(&self, key: KeyId, at: i64, since: i64) -> Result<(), ServiceError> {
        self.note_key_use(key, at, since).await
    }
}
