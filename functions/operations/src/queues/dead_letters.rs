//! GET /v1/admin/queues/{queue}/dead-letters: what was given up, and why.

use super::letter::LetterView;
use crate::{App, ByStaff};
use aws_sqs::{Letter, Queue};
use axum::extract::State;
use domain::ServiceError;
use http_api::{Json, Page, Path, Problem, Query, Refusals};
use serde::Deserialize;
use std::collections::HashSet;
use std::time::Duration;

/// How long a letter that somebody looks at or redrives is hidden from others: longer than the function's 25 s, so that no two have it.
pub(super) const HIDDEN_FOR: Duration = Duration::from_secs(30);

/// How many letters.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LetterLimit {
    /// How many letters at most.
    #[serde(default)]
    #[param(inline)]
    limit: MostLetters,
}

/// 1 to 100, 10 unless said.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "u32")]
#[schema(value_type = u32, minimum = 1, maximum = 100, default = 10)]
pub struct MostLetters(u8);

/// List dead letters of a queue, in no particular order. For staff.
///
/// SQS cannot show a message without handing it out: a letter that is listed is hidden from other calls until this one has ended, for 30
/// seconds if it fails half-way. At most ten letters of one FIFO group are listed at a time. There is no next page.
#[utoipa::path(
    get, path = "/v1/admin/queues/{queue}/dead-letters", operation_id = "listDeadLetters", tag = "operations",
    params(("queue" = String, Path, description = "Its name, as in the list of queues"), LetterLimit),
    responses((status = 200, body = Page<LetterView>), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    _: ByStaff,
    State(app): State<App>,
    Path(queue): Path<String>,
    Query(LetterLimit { limit }): Query<LetterLimit>,
) -> Result<Json<Page<LetterView>>, Problem> {
    let mut letters = look(&app.queue(&queue)?.dead, usize::from(limit.0)).await?;
    letters.truncate(usize::from(limit.0));
    Ok(Json(Page::new(letters, None::<String>)))
}

/// Takes letters until there are enough or no more, and puts all of them back. Their bodies are gone by then: a hundred are more than fits.
async fn look(dead: &Queue, most: usize) -> Result<Vec<LetterView>, ServiceError> {
    let (mut taken, mut seen, mut views) = (Vec::new(), HashSet::new(), Vec::new());
    while views.len() < most {
        let letters = dead.take(HIDDEN_FOR).await?;
        if letters.is_empty() {
            break;
        }
        // A standard queue may hand one out twice.
        let new = letters.iter().filter(|letter| seen.insert(letter.id.clone()));
        views.extend(new.map(LetterView::from));
        taken.extend(letters.into_iter().map(Letter::without_body));
    }
    dead.put_back(&taken).await?;
    Ok(views)
}

impl Default for MostLetters {
    fn default() -> Self {
        Self(10)
    }
}

impl TryFrom<u32> for MostLetters {
    type Error = &'static str;
    fn try_from(number: u32) -> Result<Self, Self::Error> {
        match u8::try_from(number) {
            Ok(number @ 1..=100) => Ok(Self(number)),
            _ => Err("must be a number from 1 to 100"),
        }
    }
}
