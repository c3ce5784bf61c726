//! The proofs that a caller may act: in an organisation, or on the deployment.

use super::Denied;
use crate::journal::Origin;
use crate::organization::OrgStatus;
use crate::{OrgId, ProjectId, UserId};

/// Proof that a caller may act in an organisation; only [`Caller::require`] and a task accepted earlier make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    org: OrgId,
    actor: String,
    status: OrgStatus,
    table: Option<String>,
    origin: Origin,
}

/// Proof that a caller runs this deployment; only [`Caller::staff`] makes one. It opens operations, and nobody's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Staff(pub(super) UserId);

impl Staff {
    /// Who.
    pub fn id(&self) -> UserId {
        self.0
    }
}

impl Grant {
    /// The right of a worker to do what somebody with a grant asked for: the task names the organisation, the directory its table.
    pub fn for_task(org: OrgId, actor: String, status: OrgStatus, table: Option<String>) -> Self {
        Self {
            org,
            actor,
            status,
            table,
            origin: Origin::default(),
        }
    }

    /// The right of whoever shows a project's token: to be told whether it is good, to get sessions for the project's devices, and to register a
    /// device where the project lets it register itself. The project acts.
    pub fn for_project(org: OrgId, project: ProjectId, status: OrgStatus, table: Option<String>) -> Self {
        Self::for_task(org, project.to_string(), status, table)
    }

    /// The same where a request is behind it, which the journal then tells.
    #[must_use]
    pub fn requested_from(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// The organisation.
    pub fn org(&self) -> OrgId {
        self.org
    }

    /// Who acts, as the journal names them.
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// Where the request behind it came from and why, as the journal tells it.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The organisation's state when the request came.
    pub fn status(&self) -> OrgStatus {
        self.status
    }

    /// The name of the organisation's table, while it is in use. A closing one can still be read: what may be written to it meanwhile,
    /// [`super::Caller::require`] has said.
    pub fn table(&self) -> Result<&str, Denied> {
        let in_use = matches!(self.status, OrgStatus::Active | OrgStatus::Closing);
        self.table
            .as_deref()
            .filter(|_| in_use)
            .ok_or(Denied::NotReady(self.status))
    }
}
