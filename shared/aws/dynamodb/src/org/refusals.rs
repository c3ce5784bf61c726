//! Attempts that were refused, in the journal of the organisation whose data they were after.

use super::OrgTables;
use crate::keys;
use crate::transaction::{Change, Guard, Refused};
use domain::access::Membership;
use domain::journal::{Event, RefusedAttempt, RefusedAttempts};
use domain::{Caller, Grant, ServiceError};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How long a mark outlives its minute, in seconds: time to live deletes it some time after.
const MARK_KEPT: i64 = 60 * 60;

/// That a caller's attempts at an operation were told in a minute.
#[derive(Serialize, Deserialize)]
struct Mark {
    expires_at: i64,
}

impl RefusedAttempts for OrgTables {
    async fn tell(&self, caller: &Caller, attempt: RefusedAttempt) -> Result<(), ServiceError> {
        let Some(Membership { org, status, table, .. }) = caller.membership.clone() else {
            return Ok(());
        };
        let actor = caller.principal.to_string();
        let grant = Grant::for_task(org, actor.clone(), status, table).requested_from(caller.origin.clone());
        // Without a table there is no journal.
        let Ok(table) = self.open(&grant) else { return Ok(()) };
        let now = self.source.now().as_second();
        let key = keys::refusal(&actor, &attempt.operation, now.div_euclid(60));
        // Most repetitions end here, at half a read unit.
        if table.table.get::<Mark>(&key).await?.is_some() {
            return Ok(());
        }
        let mark = Mark {
            expires_at: now + MARK_KEPT,
        };
        let change = Change::told(Event {
            action: "access.refused",
            resource: attempt.path,
            before: None,
            after: Some(json!({ "operation": attempt.operation })),
        });
        let change = change.put(&table.table, &key, &mark, Guard::Absent)?;
        match table.commit(change).await {
            Ok(()) | Err(Refused::Write(_)) => Ok(()),
            Err(Refused::Service(error)) => Err(error),
        }
    }
}
