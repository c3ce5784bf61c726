//! POST /v1/admin/queues/{queue}/redrive: send dead letters back to the queue they came from.
//!
//! Each is sent and then removed: a crash in between leaves it to be sent again, which every consumer bears.

use super::ManagedQueue;
use super::dead_letters::HIDDEN_FOR;
use crate::{App, ByStaff};
use aws_sqs::Letter;
use axum::extract::State;
use domain::ServiceError;
use http_api::{Json, Kind, Path, Problem, Refusals};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// How many letters one call redrives, to the next ten, or looks through for the one it is asked for.
const STEP: usize = 100;
/// How long one call goes on beginning with letters: the function has 25 s, and each letter's two calls may take 5 s each.
const STEP_TIME: SignedDuration = SignedDuration::from_secs(8);

/// Which letters.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Redrive {
    /// One letter, by its id in the list; all of them where it is missing.
    message: Option<String>,
}

/// How far it has come.
#[derive(Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Redriven {
    /// How many letters this call sent back.
    redriven: usize,
    /// How many are left, about. When all are asked for, repeat the call while there are any.
    left: u64,
}

/// Send dead letters back to the queue they came from: one, or all in steps of about 100. For staff.
///
/// Mend the cause first: what fails again comes back as a new letter. A letter may be sent back twice, which its worker bears. One letter is
/// looked for among the first 100 that SQS hands out. Where there is nothing to redrive, the answer is 409.
#[utoipa::path(
    post, path = "/v1/admin/queues/{queue}/redrive", operation_id = "redriveDeadLetters", tag = "operations",
    params(("queue" = String, Path, description = "Its name, as in the list of queues")), request_body = Redrive,
    responses((status = 200, body = Redriven), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    ByStaff(staff): ByStaff,
    State(app): State<App>,
    Path(queue): Path<String>,
    Json(body): Json<Redrive>,
) -> Result<Json<Redriven>, Problem> {
    let managed = app.queue(&queue)?;
    let redriven = match &body.message {
        Some(message) => one(managed, message).await?,
        None => step(&app, managed).await?,
    };
    tracing::info!(queue, by = %staff.id(), redriven, "dead letters are sent back");
    let dead = managed.dead.depths().await?;
    let left = dead.waiting + dead.in_flight + dead.delayed;
    match (&body.message, redriven, left) {
        (_, 0, 0) => Err(Problem::new(
            Kind::Conflict,
            "The queue has no dead letters: there is nothing to redrive.",
        )),
        (Some(_), 0, _) => Err(Problem::new(
            Kind::NotFound,
            "There is no such dead letter among the first 100, or somebody else has it at this moment.",
        )),
        _ => Ok(Json(Redriven { redriven, left })),
    }
}

/// Redrives letters until the step is done or none is to be had; how many.
async fn step(app: &App, managed: &ManagedQueue) -> Result<usize, ServiceError> {
    let (begun, mut redriven) = (app.source.now(), 0);
    while redriven < STEP {
        let letters = managed.dead.take(HIDDEN_FOR).await?;
        if letters.is_empty() {
            break;
        }
        for (n, letter) in letters.iter().enumerate() {
            if app.source.now().duration_since(begun) > STEP_TIME {
                managed.dead.put_back(&letters[n..]).await?;
                return Ok(redriven);
            }
            // In order, and no further than the first that fails: a FIFO group must not overtake itself.
            redrive_letter(managed, letter).await?;
            redriven += 1;
        }
    }
    Ok(redriven)
}

/// Looks for one letter and redrives it; how many were found.
async fn one(managed: &ManagedQueue, message: &str) -> Result<usize, ServiceError> {
    let (mut others, mut found) = (Vec::new(), None);
    while found.is_none() && others.len() < STEP {
        let letters = managed.dead.take(HIDDEN_FOR).await?;
        if letters.is_empty() {
            break;
        }
        for letter in letters {
            match letter.id == message {
                true => found = Some(letter),
                false => others.push(letter.without_body()),
            }
        }
    }
    let redriven = match &found {
        Some(letter) => redrive_letter(managed, letter).await.map(|()| 1),
        None => Ok(0),
    };
    managed.dead.put_back(&others).await?;
    redriven
}

/// Sends one letter back to its queue, then removes it. A task whose row says failed is run again by its worker, since the letter comes back.
async fn redrive_letter(managed: &ManagedQueue, letter: &Letter) -> Result<(), ServiceError> {
    managed.queue.send_again(letter).await?;
    managed.dead.remove(letter).await
}
