//! Wires the mail feedback to its queue and runs it on Lambda.

use aws_dynamodb::Directory;
use aws_sqs::DeadLetterQueues;
use lambda::env;
use mail_feedback::App;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    let start = lambda::start();
    let app = App {
        directory: Directory::new(&start.aws, env("DIRECTORY_TABLE")?, env("OUTBOX_TABLE")?),
    };
    let queues = [("MAIL_FEEDBACK_QUEUE_URL", "MAIL_FEEDBACK_DLQ_URL")];
    let dead = DeadLetterQueues::from_env(&start.aws, &queues)?;
    lambda::serve_batches(app, dead).await
}
