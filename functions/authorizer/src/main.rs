//! Wires the authorizer to Cognito's keys and the directory, and runs it on Lambda.

use authorizer::{Authorizer, HttpKeys, KeySet, Sessions, TokenRules};
use aws_dynamodb::Directory;
use lambda::env;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use std::time::Duration;

/// One try of the read: a connection that hangs leaves time for another within the function's 5 s.
const ATTEMPT: Duration = Duration::from_millis(1200);
/// All tries of it.
const OPERATION: Duration = Duration::from_secs(4);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    let start = lambda::start_within(ATTEMPT, OPERATION);
    let authorizer = Authorizer {
        directory: Directory::new(&start.aws, env("DIRECTORY_TABLE")?, env("OUTBOX_TABLE")?),
        keys: KeySet::new(HttpKeys::new(&env("JWKS_URL")?, start.connector)?, start.source.clone()),
        rules: TokenRules {
            issuer: env("TOKEN_ISSUER")?,
            clients: [env("USER_POOL_CLIENT_ID")?]
                .into_iter()
                .chain(env("FEDERATION_CLIENT_ID"))
                .collect(),
        },
        sessions: Sessions::new(env("SESSION_ISSUER")?),
        source: start.source,
    };
    lambda::ahead(async {
        let _ = tokio::join!(authorizer.keys.fetch_ahead(), authorizer.directory.session_keys());
    })
    .await;
    // The event comes in unread, so that one that cannot be read is refused like any other bad request.
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        authorizer.handle(event.payload).await
    }))
    .await
}
