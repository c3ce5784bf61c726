//! Every five minutes: a heartbeat through each worker's queue, and word to staff when a worker has not beaten for longer than two periods.
//!
//! Staff hear of each silence once, and once of its end ([`Alert`] says how a crash loses neither). A queue that they paused themselves is no
//! silence. The metric `HeartbeatMissing` tells the same to an alarm, which also sounds when nobody counts any more.

use crate::App;
use aws_sqs::Queue;
use domain::ServiceError;
use domain::health::{Alert, Pulse, SILENT_AFTER};
use domain::task::TaskMessage;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

/// A worker that is listened to.
pub struct Beating {
    /// The name of its function.
    pub worker: &'static str,
    /// The name of the queue that its heartbeats go through, as staff call it.
    pub queue_name: &'static str,
    /// That queue.
    pub queue: Queue,
}

impl App {
    /// Listens for the beats before, then sends the next; every worker's, also when another's fails.
    pub(crate) async fn heartbeat(&self, at: Timestamp) -> Result<(), ServiceError> {
        let pauses = self.directory.pauses().await?;
        let paused = |beating: &Beating| pauses.iter().any(|pause| pause.queue == beating.queue_name);
        let mut missing = 0;
        let mut outcome = Ok(());
        for beating in &self.beating {
            match self.listen(beating.worker, paused(beating)).await {
                Ok(silent) => missing += u32::from(silent),
                Err(error) => outcome = Err(error),
            }
            let beat = TaskMessage::Heartbeat { sent_at: at };
            outcome = beating.queue.send(&beat, Duration::ZERO).await.and(outcome);
        }
        if outcome.is_ok() {
            println!("{}", metric(self.source.now(), &self.stage, missing));
        }
        outcome
    }

    /// Whether a worker is silent, once staff have been told of it.
    async fn listen(&self, worker: &str, paused: bool) -> Result<bool, ServiceError> {
        let before = self.directory.alert(worker).await?;
        let beat = self.directory.heartbeat(worker).await?;
        let last_beat = beat.map(|beat| beat.at);
        let now = self.source.now();
        let after = Alert::after(before.as_ref(), worker, Pulse { last_beat, paused }, now);
        if let Some(alert) = &after
            && self.directory.save_alert(alert).await?
            && !alert.told
        {
            let (subject, text) = notice(&self.stage, alert, last_beat);
            self.operations.publish(&subject, &text).await?;
            self.directory.save_alert(&alert.told()).await?;
        }
        Ok(!paused && after.or(before).is_some_and(|alert| alert.silent))
    }
}

fn notice(stage: &str, alert: &Alert, last_beat: Option<Timestamp>) -> (String, String) {
    let worker = &alert.worker;
    let last = last_beat.map_or_else(|| "none yet".to_owned(), |at| at.to_string());
    if !alert.silent {
        let subject = format!("Millwright {stage}: {worker} is back");
        return (
            subject,
            format!("The worker {worker} gives heartbeats again.\n\nlast heartbeat: {last}\n"),
        );
    }
    let text = format!(
        "No heartbeat has come through the worker {worker} for more than {SILENT_AFTER:#}.\n\n\
         last heartbeat: {last}\nnoticed:        {}\n\n\
         What it works on waits in its queue. The log group /millwright/{stage}/function/{worker} may say why; \
         GET /v1/status shows how the rest fares.\n",
        alert.since,
    );
    (format!("Millwright {stage}: {worker} is silent"), text)
}

/// Counts the silent workers (CloudWatch User Guide, "Embedded metric format").
fn metric(now: Timestamp, stage: &str, missing: u32) -> Value {
    json!({
        "_aws": {
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": "Millwright",
                "Dimensions": [["Stage"]],
                "Metrics": [{ "Name": "HeartbeatMissing", "Unit": "Count" }],
            }],
        },
        "Stage": stage,
        "HeartbeatMissing": missing,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metric_is_of_this_stage() {
        let line = metric(Timestamp::UNIX_EPOCH, "dev", 2);
        let metric = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(line[metric["Metrics"][0]["Name"].as_str().unwrap()], 2);
        assert_eq!(line[metric["Dimensions"][0][0].as_str().unwrap()], "dev");
    }

    #[test]
    fn a_notice_says_which_worker_and_which_turn() {
        let now = Timestamp::UNIX_EPOCH;
        let pulse = |last_beat| Pulse {
            last_beat,
            paused: false,
        };
        let first = Alert::after(None, "aws-worker", pulse(None), now).unwrap();
        let later = now + SILENT_AFTER * 2;
        let silent = Alert::after(Some(&first), "aws-worker", pulse(None), later).unwrap();
        let (subject, text) = notice("dev", &silent, None);
        assert_eq!(subject, "Millwright dev: aws-worker is silent");
        assert!(
            text.contains("for more than 10m") && text.contains("none yet"),
            "{text}"
        );
        let back = Alert::after(Some(&silent), "aws-worker", pulse(Some(later)), later).unwrap();
        assert_eq!(
            notice("dev", &back, Some(later)).0,
            "Millwright dev: aws-worker is back"
        );
    }
}
