//! A round of a check through all organisations in use, a few at a step, with word to those who run an organisation of what was found.
//!
//! **One notice an organisation and round.** A page of findings is looked at and counted; after an organisation's last page its notice is
//! accepted, a task whose id follows from round and organisation, and only then what was counted is acknowledged, so that the next round does
//! not find it again. A crash before that finds the same and accepts the same notice; one after it finds what is left to acknowledge. A round
//! looks at everything as of when its run began, so that what turns up meanwhile is left to the next round.
//!
//! **An organisation that cannot be checked** keeps none of the others from it: it is counted, and the round fails at its end. What is
//! throttled is tried again, from the organisation at which it stopped.

use super::{Effect, Step};
use crate::App;
use aws_dynamodb::{CheckPlace, OrgTable};
use domain::organization::{OrgStatus, Organization};
use domain::task::{Task, TaskKind};
use domain::{Grant, OrgId, ServiceError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Organisations a step: each costs some queries, so that a step takes a few seconds of the minute that the worker has.
const ORGS_A_STEP: usize = 25;

/// What a check looks for in one organisation.
pub(super) trait Check {
    /// The kind of the notice that tells of it.
    const NOTICE: TaskKind;
    /// What it finds.
    type Found;

    /// A page of what there is to tell, as of `now`, and where the next page begins.
    async fn page(
        table: &OrgTable,
        now: Timestamp,
        from: Option<CheckPlace>,
    ) -> Result<(Vec<Self::Found>, Option<CheckPlace>), ServiceError>;

    /// Since when there is something to tell.
    fn since(found: &Self::Found) -> Timestamp;

    /// Notes that people were told.
    async fn acknowledge(table: &OrgTable, found: &[Self::Found]) -> Result<(), ServiceError>;
}

/// How far a round is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Round {
    /// The last organisation that is done.
    after: Option<OrgId>,
    /// The next one, where it takes more than a page.
    within: Option<Within>,
    /// Organisations looked at.
    looked_at: u64,
    /// Organisations that could not be checked.
    failed: u64,
}

/// How far an organisation of many pages is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Within {
    org: OrgId,
    place: Option<CheckPlace>,
    found: u64,
    /// Whether its notice is accepted, and what was found is being acknowledged.
    told: bool,
}

/// Goes on with a round.
pub(super) async fn run<C: Check>(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let mut round: Round = match &task.state {
        Some(state) => serde_json::from_value(state.clone()).map_err(|why| ServiceError::Failed(why.to_string()))?,
        None => Round::default(),
    };
    let (orgs, next) = app.directory.all_organizations(round.after, ORGS_A_STEP).await?;
    for org in &orgs {
        // It may be gone by now, and this is the next one.
        let within = round.within.take().filter(|within| within.org == org.id);
        match visit::<C>(app, task, org, within).await {
            Ok(None) => {}
            Ok(Some(more)) => {
                round.within = Some(more);
                return go_on(&round);
            }
            Err(ServiceError::Failed(why)) => {
                tracing::error!(org = %org.id, why, "an organisation could not be checked");
                round.failed += 1;
            }
            Err(busy) => return Err(busy),
        }
        round.looked_at += 1;
        round.after = Some(org.id);
    }
    match next {
        Some(last) => {
            round.after = Some(last);
            go_on(&round)
        }
        None => Ok(end(&round)),
    }
}

fn go_on(round: &Round) -> Result<Step, ServiceError> {
    Step::go_on(round, format!("{} organisations looked at", round.looked_at))
}

fn end(round: &Round) -> Step {
    let Round { looked_at, failed, .. } = round;
    if *failed > 0 {
        return Step::Fail(format!("{failed} of {looked_at} organisations could not be checked"));
    }
    Step::Done(Effect {
        result: Some(json!({ "organizations": looked_at })),
        ..Effect::default()
    })
}

/// Looks at a page of an organisation; where to go on in it, or none when it is done. One that is not in use is left to a later round.
async fn visit<C: Check>(
    app: &App,
    task: &Task,
    org: &Organization,
    within: Option<Within>,
) -> Result<Option<Within>, ServiceError> {
    let grant = Grant::for_task(org.id, task.requested_by.clone(), org.status, org.table.clone());
    let Some(table) = app.tables.open(&grant).ok().filter(|_| org.status == OrgStatus::Active) else {
        return Ok(None);
    };
    let now = task.run_at;
    let single = within.is_none();
    let within = within.unwrap_or_else(|| Within::begun(org.id));
    let (page, next) = C::page(&table, now, within.place.clone()).await?;
    let page: Vec<_> = page.into_iter().filter(|found| C::since(found) <= now).collect();
    if within.told {
        C::acknowledge(&table, &page).await?;
        return Ok(next.map(|next| within.at(next)));
    }
    let found = within.found + u64::try_from(page.len()).unwrap_or(u64::MAX);
    if let Some(next) = next {
        return Ok(Some(Within { found, ..within }.at(next)));
    }
    if found == 0 {
        return Ok(None);
    }
    let notice = task.of_round(C::NOTICE, org.id, app.source.now());
    let notice = notice.with_input(json!({ "count": found }));
    app.directory.accept_task(&notice).await?;
    app.queue.wake(&notice).await;
    if single {
        C::acknowledge(&table, &page).await?;
        return Ok(None);
    }
    // The pages before are read again, to acknowledge what was counted on them.
    Ok(Some(Within {
        found,
        told: true,
        ..Within::begun(org.id)
    }))
}

impl Within {
    fn begun(org: OrgId) -> Self {
        Self {
            org,
            place: None,
            found: 0,
            told: false,
        }
    }

    fn at(self, next: CheckPlace) -> Self {
        let place = Some(next);
        Self { place, ..self }
    }
}
