//! VictoriaMetrics 1.79, Debian's package `victoria-metrics`.

use crate::server::Server;

const SECOND: i64 = 1_000_000_000;

/// A server without data.
pub async fn start() -> Option<Server> {
    let server = Server::start("victoria-metrics", |command, folder, address| {
        command
            .arg(format!("-storageDataPath={}", folder.display()))
            .arg(format!("-httpListenAddr={address}"))
            .args(["-retentionPeriod=100y", "-search.disableCache"]);
    });
    server.await
}

/// Takes lines in.
pub async fn write(server: &Server, lines: String) {
    server.post("/write?precision=ns", lines).await;
}

/// Its bytes once all is merged.
pub async fn bytes_at_rest(server: &Server) -> u64 {
    server.get("/internal/force_flush", &[]).await;
    server.get("/internal/force_merge", &[]).await;
    server.bytes_at_rest("data", None).await
}

/// Count, least, greatest, mean, deviation, first and last of each hour of one series.
pub async fn statistics(server: &Server, series: usize, (start, end): (i64, i64)) -> String {
    let query = format!(
        "aggr_over_time((\"count_over_time\", \"min_over_time\", \"max_over_time\", \"avg_over_time\", \"stddev_over_time\", \
         \"first_over_time\", \"last_over_time\"), temperature_value{{device=\"{series}\"}}[1h])"
    );
    let seconds = |time: i64| (time / SECOND).to_string();
    let range = [
        ("query", query.as_str()),
        ("start", &seconds(start)),
        ("end", &seconds(end)),
        ("step", "1h"),
    ];
    server.get("/api/v1/query_range", &range).await
}
