//! Membership by the domain of one's address ([`domain::email_domain`]): accepted as a task before the sign-in or the confirmation of an address is
//! answered, so that a crash in between leaves a request to be sent again. The membership itself is the worker's: organisations' journals and
//! tables are out of this function's reach, and one that is busy keeps nobody from signing in. For sign-ins through an identity provider the task
//! that follows their groups does it (`federation/finish.rs`).

use crate::App;
use domain::email_domain::DomainName;
use domain::task::{Task, TaskKind};
use domain::text::Email;
use domain::{ServiceError, UserId};
use serde_json::json;

impl App {
    /// Has somebody made a member of the organisation that their confirmed address's domain is of, where that is still to be done.
    pub async fn enrol(&self, user: UserId, address: &Email) -> Result<(), ServiceError> {
        let Some(name) = DomainName::of(address) else {
            return Ok(());
        };
        if self.directory.awaits_enrolment(user, &name).await?.is_none() {
            return Ok(());
        }
        let (id, now) = (self.source.id(), self.source.now());
        let task = Task::queued(id, None, TaskKind::EnrolMember, "system", now).with_input(json!({ "user": user }));
        self.directory.accept_task(&task).await?;
        self.tasks.wake(&task).await;
        Ok(())
    }
}
