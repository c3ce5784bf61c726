//! Heartbeats, which come among the uploads of the readings queue: they prove the road from the schedule over the queue to the table.

use crate::App;
use crate::failure::Failure;
use aws_dynamodb::Heartbeat;
use domain::task::TaskMessage;
use lambda::Delivery;

/// What the worker is called in the status.
const NAME: &str = "ingest-worker";

/// Answers a message that is a heartbeat; none for any other. Asked only of what is no upload, so that uploads are parsed once.
pub async fn answer(app: &App, delivery: &Delivery) -> Option<Result<(), Failure>> {
    let Ok(TaskMessage::Heartbeat { sent_at }) = serde_json::from_str(&delivery.body) else {
        return None;
    };
    let (worker, at) = (NAME.to_owned(), app.source.now());
    let beat = Heartbeat { worker, sent_at, at };
    Some(app.directory.put_heartbeat(&beat).await.map_err(Failure::from))
}
