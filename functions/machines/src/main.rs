//! Wires the router of devices' and machines' sessions to AWS and runs it on Lambda.

use aws_dynamodb::{Directory, OrgTables, RateLeases};
use domain::machine::AccountId;
use lambda::env;
use machines::{App, Granter};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    let start = lambda::start();
    let limits = start.rate_limits(RateLeases::new(&start.aws, env("DIRECTORY_TABLE")?))?;
    let directory = Directory::new(&start.aws, env("DIRECTORY_TABLE")?, env("OUTBOX_TABLE")?);
    let granter = Granter::new(
        &start.aws,
        env("SESSION_KEY_SECRET")?,
        &directory,
        env("SESSION_ISSUER")?,
    );
    let accounts = env("MACHINE_ACCOUNTS")?;
    let accounts = accounts
        .split_whitespace()
        .map(|account| AccountId::try_from(account.to_owned()));
    let app = App {
        tables: OrgTables::new(&start.aws, &start.source),
        directory,
        granter,
        accounts: accounts.collect::<Result<_, _>>()?,
        source: start.source,
    };
    lambda::serve_http(machines::router(app), limits).await
}
