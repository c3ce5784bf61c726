//! `/v1/admin/queues`: the queues, their dead letters and their pauses.

pub(crate) mod dead_letters;
pub(crate) mod drain;
mod letter;
pub(crate) mod list;
pub(crate) mod redrive;
pub(crate) mod resume;
mod view;

use crate::App;
use aws_lambda::Mapping;
use aws_sqs::Queue;
use http_api::Problem;

/// A queue with what belongs to it.
#[derive(Clone)]
pub struct ManagedQueue {
    /// Its name in the API: `tasks`, `readings` ...
    pub name: &'static str,
    /// The queue.
    pub queue: Queue,
    /// Where its messages go that are given up.
    pub dead: Queue,
    /// What hands its messages to the worker.
    pub mapping: Mapping,
}

impl App {
    pub(crate) fn queue(&self, name: &str) -> Result<&ManagedQueue, Problem> {
        let found = self.queues.iter().find(|managed| managed.name == name);
        found.ok_or_else(|| Problem::not_found("queue"))
    }
}
