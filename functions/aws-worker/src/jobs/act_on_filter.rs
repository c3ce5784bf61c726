//! `filter.act`: does one action that a transition of a stream filter asks for.
//!
//! Idempotency: the task is accepted in the transaction that makes the transition, so there is one for each action. A mail goes out once
//! (`mail.rs`). A report's file is a task of its own, one for each run of this one (`report.rs`). A derived reading is written once: the upload it is in has the task's id, so what is sent twice is stored over itself. A post and
//! a notice of SNS are made **at least once**: each repetition bears the task's id (`webhook-id`, `id`), by which its receiver knows it. Retry: what is
//! throttled, and a receiver that gives no answer, or 408, 425, 429 or 5xx, twelve times within some 70 minutes; then, and at any other answer, the task
//! is `failed` in its row alone: it is for whoever set the filter to mend, and staff have nothing to do.

mod derive;
mod email;
mod post;
mod report;

use super::{Effect, Step};
use crate::App;
use domain::filter::{Act, Action};
use domain::reading::ReadingTime;
use domain::task::Task;
use domain::{OrgId, ServiceError};
use serde_json::{Value, json};

/// Why an action was not done.
enum NotDone {
    /// It will not be, for this reason, which whoever set the filter reads.
    Refused(String),
    /// Its receiver may take it later.
    Silent(ServiceError),
    /// A service of ours failed.
    Service(ServiceError),
}

impl From<ServiceError> for NotDone {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let act = task.input["act"].as_str();
    let act = act.and_then(|act| serde_json::from_str::<Act>(act).ok());
    let Some((org, act)) = task.org.zip(act) else {
        return Ok(Step::Fail("the task does not say what is to be done".to_owned()));
    };
    let done = match &act.action {
        Action::Email { members } => {
            let letter = email::letter(app, (org, &act));
            return email::run(app, task, (org, members), &letter).await;
        }
        Action::Report { hours, format, members } => {
            let asked = report::Asked {
                hours: *hours,
                format: *format,
                members,
            };
            return report::run(app, task, (org, &act), asked).await;
        }
        Action::Webhook { url } => post::webhook(app, task, (org, &act), url).await,
        Action::Slack { url } => post::slack(app, (org, &act), url).await,
        Action::Sns { topic } => publish(app, task, (org, &act), &format!("{org}-{topic}")).await,
        Action::Derive { variable, value } => derive::run(app, task, (org, &act), (variable, *value)).await,
    };
    match done {
        Ok(()) => Ok(Step::Done(Effect {
            result: Some(json!({ "action": act.action.as_str(), "transition": act.fired.number })),
            ..Effect::default()
        })),
        Err(NotDone::Refused(why)) => Ok(Step::Refuse(why)),
        Err(NotDone::Silent(error)) if task.exhausted() => {
            tracing::info!(task = %task.id, %error, "the receiver of a filter's action is silent");
            Ok(Step::Refuse("its receiver did not take it, time and again".to_owned()))
        }
        Err(NotDone::Silent(error) | NotDone::Service(error)) => Err(error),
    }
}

async fn publish(app: &App, task: &Task, told: (OrgId, &Act), topic: &str) -> Result<(), NotDone> {
    let (_, act) = told;
    let subject = format!("{}: {} -> {}", act.variable, act.fired.from, act.fired.to);
    let mut message = message(told);
    message["id"] = json!(task.id);
    let published = app
        .filter_topics
        .topic(topic)
        .publish(&subject, &message.to_string())
        .await;
    published.map_err(|error| match error {
        ServiceError::Failed(why) => {
            tracing::info!(task = %task.id, why, "SNS refused a filter's notice");
            NotDone::Refused(format!(
                "there is no topic of this deployment for {topic}, or it takes nothing"
            ))
        }
        busy => NotDone::Service(busy),
    })
}

/// What a receiver is told, in the form that Standard Webhooks recommends.
fn message((org, act): (OrgId, &Act)) -> Value {
    let fired = &act.fired;
    json!({
        "type": "filter.transition",
        "timestamp": fired.at,
        "data": {
            "organization": org, "device": act.device, "variable": act.variable, "number": fired.number,
            "from": fired.from, "to": fired.to, "time": time(act), "value": fired.value,
        },
    })
}

/// When the reading was taken that brought it about.
fn time(act: &Act) -> String {
    ReadingTime::from_nanos(act.fired.time).map_or_else(|_| act.fired.time.to_string(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_is_told_what_happened_and_no_secret() {
        let act = json!({
            "device": "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC", "variable": "temperature", "place": 0, "depth": 0, "secret": "mwf_x",
            "fired": {
                "number": 7, "from": "well", "to": "hot", "time": 1_767_323_045_000_000_000_i64, "value": "85.5", "actions": 1, "left_out": 0,
                "at": "2026-01-02T03:04:06Z",
            },
            "action": { "type": "webhook", "url": "https://a.example/" },
        });
        let act: Act = serde_json::from_value(act).unwrap();
        let org = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        assert_eq!(
            message((org, &act)),
            json!({
                "type": "filter.transition",
                "timestamp": "2026-01-02T03:04:06Z",
                "data": {
                    "organization": "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC", "device": "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC", "variable": "temperature",
                    "number": 7, "from": "well", "to": "hot", "time": "2026-01-02T03:04:05Z", "value": 85.5,
                },
            })
        );
    }
}
