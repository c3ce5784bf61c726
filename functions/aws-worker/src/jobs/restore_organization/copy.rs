//! Copying the restored items into the new table, and checking that they are there.

use super::{GO_ON, LOOK_AGAIN, Phase, Restore, State, Step, restored_table, stack_name};
use aws_dynamodb::{Chain, TableCopy};
use domain::ServiceError;
use domain::task::TaskKind;
use jiff::SignedDuration;

/// How long one step goes on: with a last page that DynamoDB throttles, well within the worker's time-out of a minute.
const STEP: SignedDuration = SignedDuration::from_secs(20);

impl Restore<'_> {
    /// Copies items, or reads the copy again, for as long as a step may take.
    pub(super) async fn go_through(self, mut state: State) -> Result<Step, ServiceError> {
        let copy = self.copy(state.generation);
        let until = self.app.source.now() + STEP;
        while self.app.source.now() < until {
            let reading = state.phase == Phase::Read;
            let page = match reading {
                true => copy.read_page(state.after.as_ref()).await,
                false => copy.copy_page(state.after.as_ref()).await,
            };
            let page = match page {
                Ok(page) => page,
                // A new table grows into its load; the copy goes on from here, however often that is.
                Err(ServiceError::Busy(_) | ServiceError::Throttled { .. }) => return Ok(state.wait(LOOK_AGAIN)),
                Err(error) => return Err(error),
            };
            let digest = if reading { &mut state.read } else { &mut state.copied };
            *digest = digest.and(page.digest);
            state.after = page.next;
            if state.after.is_none() {
                return Ok(self.gone_through(state));
            }
        }
        Ok(state.wait(GO_ON))
    }

    fn gone_through(&self, state: State) -> Step {
        if state.phase == Phase::Copy {
            return state.enter(Phase::Read).wait(GO_ON);
        }
        if state.read != state.copied {
            tracing::error!(org = %self.org.id, copied = ?state.copied, read = ?state.read, "a copy differs");
            return Step::Fail("the copy is not what was copied".to_owned());
        }
        state.enter(Phase::Journal).wait(GO_ON)
    }

    /// Checks the copy's journal for as long as a step may take.
    pub(super) async fn check_journal(self, mut state: State) -> Result<Step, ServiceError> {
        let copy = self.copy(state.generation);
        let until = self.app.source.now() + STEP;
        while self.app.source.now() < until {
            match copy.check_journal(state.head()).await? {
                Chain::More(head) => state.checked = (head.sequence, head.hash),
                Chain::Whole(head) => {
                    state.checked = (head.sequence, head.hash);
                    return Ok(state.enter(Phase::Switch).wait(GO_ON));
                }
                Chain::Broken(sequence) => {
                    return Ok(Step::Fail(format!(
                        "the journal's chain is broken after entry {sequence}"
                    )));
                }
            }
        }
        Ok(state.wait(GO_ON))
    }

    /// The way from the restored table into the new one. What is over by the run's beginning stays behind; what may go by itself before the
    /// run ends is not counted.
    fn copy(&self, generation: u32) -> TableCopy {
        let from = restored_table(self.app, &self.org, generation);
        let to = stack_name(self.app, &self.org, generation);
        let begun = self.task.run_at;
        let ended = begun + TaskKind::RestoreOrganization.policy().deadline;
        self.app.tables.copy(&from, &to, begun, ended)
    }
}
