//! Pauses: sees when nothing of a paused queue runs any more, and tells staff of it.

use aws_dynamodb::{Directory, Pause};
use aws_lambda::{Mapping, Polling};
use aws_sns::Topic;
use aws_sqs::Queue;
use domain::queue::QUEUES;
use domain::{ServiceError, Source};
use jiff::SignedDuration;
use lambda::{Start, StartError, env};

/// How old a pause must be before its queue's counts are believed: they may be a minute late (AWS "GetQueueAttributes").
const SETTLED: SignedDuration = SignedDuration::from_secs(60);
/// How long one check has to tell staff before the next one does: longer than the function's time-out.
const CLAIM: SignedDuration = SignedDuration::from_mins(2);

/// A queue that staff can pause.
struct Pausable {
    name: &'static str,
    queue: Queue,
    /// What hands its messages to the worker.
    mapping: Mapping,
}

/// What the step works with.
pub struct Drains {
    directory: Directory,
    /// Where staff are told.
    staff: Topic,
    queues: Vec<Pausable>,
    source: Source,
}

impl Drains {
    /// Reads addresses and mappings from the environment.
    pub fn from_env(start: &Start, directory: Directory) -> Result<Self, StartError> {
        let pausable = |(name, prefix): &(&'static str, &str)| {
            let queue = Queue::new(&start.aws, env(&format!("{prefix}_QUEUE_URL"))?);
            let mapping = Mapping::new(&start.aws, env(&format!("{prefix}_MAPPING_ID"))?);
            Ok(Pausable { name, queue, mapping })
        };
        Ok(Self {
            directory,
            staff: Topic::new(&start.aws, env("OPERATIONS_TOPIC_ARN")?),
            queues: QUEUES.iter().map(pausable).collect::<Result<_, _>>()?,
            source: start.source.clone(),
        })
    }

    /// Looks after every pause that staff have not been told the end of. Bears repetition and a crash anywhere: whoever tells claims it first,
    /// and who claimed and did not tell is followed by the next, so that staff are told once, or twice after a crash, and never not at all.
    pub async fn check(&self) -> Result<(), ServiceError> {
        let pauses = self.directory.pauses().await?;
        for pause in pauses.iter().filter(|pause| pause.announced_at.is_none()) {
            let queue = self.queues.iter().find(|known| known.name == pause.queue);
            if let Some(queue) = queue.filter(|_| self.source.now().duration_since(pause.since) >= SETTLED) {
                self.follow(pause, queue).await?;
            }
        }
        Ok(())
    }

    async fn follow(&self, pause: &Pause, queue: &Pausable) -> Result<(), ServiceError> {
        if pause.drained_at.is_none() && !still(queue).await? {
            return Ok(());
        }
        let now = self.source.now();
        if self.directory.claim_announcement(pause, now, now + CLAIM).await? {
            let waiting = queue.queue.depths().await?.waiting;
            let name = queue.name;
            let subject = format!("The queue {name} is drained");
            let text = format!(
                "Nothing of the queue {name} runs any more; {waiting} messages wait, about. It was paused at {} by {}. \
                 POST /v1/admin/queues/{name}/resume has it run again.",
                pause.since, pause.by
            );
            self.staff.publish(&subject, &text).await?;
            self.directory.pause_announced(pause, self.source.now()).await?;
        }
        Ok(())
    }
}

/// Whether nothing of the queue runs: no message is handed out any more, and none is in a worker's hands.
async fn still(queue: &Pausable) -> Result<bool, ServiceError> {
    let stopped = queue.mapping.state().await?.polling == Polling::Off;
    Ok(stopped && queue.queue.depths().await?.in_flight == 0)
}
