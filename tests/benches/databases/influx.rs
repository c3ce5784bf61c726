//! InfluxDB 1.6, Debian's package `influxdb`.

use crate::server::Server;

/// Settings that have it write to its files at once what it would otherwise keep for minutes or hours.
const EAGER: &[(&str, &str)] = &[
    ("INFLUXDB_REPORTING_DISABLED", "true"),
    ("INFLUXDB_MONITOR_STORE_ENABLED", "false"),
    ("INFLUXDB_HTTP_LOG_ENABLED", "false"),
    ("INFLUXDB_DATA_QUERY_LOG_ENABLED", "false"),
    ("INFLUXDB_DATA_CACHE_SNAPSHOT_WRITE_COLD_DURATION", "2s"),
    ("INFLUXDB_DATA_COMPACT_FULL_WRITE_COLD_DURATION", "3s"),
];

/// A server with an empty database.
pub async fn start() -> Option<Server> {
    let server = Server::start("influxd", |command, folder, address| {
        for (variable, part) in [
            ("INFLUXDB_META_DIR", "meta"),
            ("INFLUXDB_DATA_DIR", "data"),
            ("INFLUXDB_DATA_WAL_DIR", "wal"),
        ] {
            command.env(variable, folder.join(part));
        }
        command
            .args(["run", "-config", "/dev/null"])
            .envs(EAGER.iter().copied());
        command.env("INFLUXDB_HTTP_BIND_ADDRESS", address);
        command.env("INFLUXDB_BIND_ADDRESS", "127.0.0.1:0");
    });
    let server = server.await?;
    server.post("/query?q=CREATE%20DATABASE%20bench", String::new()).await;
    Some(server)
}

/// Takes lines in.
pub async fn write(server: &Server, lines: String) {
    server.post("/write?db=bench&precision=ns", lines).await;
}

/// Its bytes once all is compacted.
pub async fn bytes_at_rest(server: &Server) -> u64 {
    server.bytes_at_rest("data", Some("wal")).await
}

/// Count, least, greatest, mean, deviation, first and last of each hour of one series.
pub async fn statistics(server: &Server, series: usize, (start, end): (i64, i64)) -> String {
    let query = format!(
        "SELECT count(value), min(value), max(value), mean(value), stddev(value), first(value), last(value) FROM temperature \
         WHERE device = '{series}' AND time >= {start} AND time < {end} GROUP BY time(1h)"
    );
    server.get("/query", &[("db", "bench"), ("q", &query)]).await
}
