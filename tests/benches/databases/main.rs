//! Millwright beside two time-series databases: the same readings over HTTP, in one run.
//!
//! `cargo bench --workspace --bench databases` prints the tables. The databases are Debian's packages `influxdb` and `victoria-metrics`; whichever is not
//! installed is left out, with a notice. Time is that of the whole processes on the processors, servers and functions alike, so that whatever else the machine
//! does weighs little; sizes are those of the databases' files once they are at rest, and what DynamoDB bills to store Millwright's items.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot prepare itself should fail")]

mod data;
mod environment;
#[path = "../../../infra/local/benches/cold_start/http.rs"]
#[expect(dead_code, reason = "the benchmark of starts needs more of it")]
mod http;
mod influx;
mod millwright;
mod process;
#[path = "../../../infra/local/benches/cold_start/runtime.rs"]
#[expect(dead_code, reason = "the benchmark of starts needs more of it")]
mod runtime;
#[path = "../../../shared/blocks/benches/blocks/series.rs"]
#[expect(dead_code, reason = "the block format's own benchmark needs more of it")]
mod series;
mod server;
mod shelf;
mod tables;
mod victoria;

#[tokio::main]
async fn main() {
    millwright::build();
    let readings = data::all();
    tables::doors(&readings).await;
    for batch in [1_000, 10_000] {
        tables::beside(&readings, batch).await;
    }
}
