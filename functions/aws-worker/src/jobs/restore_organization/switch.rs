//! Putting the new generation in the place of the present one.

use super::{Change, Effect, LOOK_AGAIN, Restore, State, Step, clear_generation, restored_table, stack_name};
use domain::journal::Event;
use domain::organization::{OrgStatus, Organization, SCHEMA};
use domain::{Grant, ServiceError};
use jiff::SignedDuration;
use serde_json::json;

/// How long the generation before is kept, for those who find that the restore was a mistake.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 7);

impl Restore<'_> {
    pub(super) async fn switch(self, state: &State) -> Result<Step, ServiceError> {
        let generation = state.generation;
        let restored = restored_table(self.app, &self.org, generation);
        if !self.app.tables.delete_table(&restored).await? {
            return Ok(state.clone().wait(LOOK_AGAIN));
        }
        let event = Event {
            action: "organization.restored",
            resource: self.org.id.to_string(),
            before: Some(json!({ "generation": self.org.generation })),
            after: Some(json!({ "generation": generation, "at": self.at, "task": self.task.id })),
        };
        let org = Organization {
            status: OrgStatus::Active,
            table: Some(stack_name(self.app, &self.org, generation)),
            generation,
            schema: SCHEMA,
            ..self.org.clone()
        };
        let clear = clear_generation::after(self.app, self.task, self.org.generation, KEPT);
        let change = Change::told(event);
        let change = self.app.directory.with_organization(change, &org, self.task.id)?;
        let change = self.app.directory.with_task(change, &clear)?;
        let actor = self.task.requested_by.clone();
        let grant = Grant::for_task(org.id, actor, org.status, org.table.clone());
        let table = self.app.tables.open(&grant);
        Ok(Step::Done(Effect {
            change,
            table: Some(table.map_err(|denied| ServiceError::Failed(denied.to_string()))?),
            result: Some(json!({ "items": state.copied.items, "generation": generation, "journal": state.checked.0 })),
        }))
    }
}
