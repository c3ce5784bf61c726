//! Follows the functions' logs on standard output.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::json;

use crate::aws::{Aws, AwsError};
use crate::deploy::STAGE;
use crate::progress::say;

const EVERY: Duration = Duration::from_millis(500);
/// Lines that Lambda itself writes around each invocation.
const PLATFORM: [&str; 4] = ["START RequestId", "END RequestId", "REPORT RequestId", "INIT_START"];

/// Prints what the functions log from now on, each line after its function's name. Runs until dropped.
pub async fn follow(endpoint: &str) {
    let aws = Aws::new(endpoint);
    let prefix = format!("/millwright/{STAGE}/function/");
    let (mut seen, mut since) = (HashSet::new(), None);
    loop {
        // A poll that fails is made up for by the next one.
        if let Ok(groups) = groups(&aws, &prefix).await {
            for group in &groups {
                print_new(&aws, group, &prefix, &mut seen, &mut since)
                    .await
                    .unwrap_or_default();
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn groups(aws: &Aws, prefix: &str) -> Result<Vec<String>, AwsError> {
    let answer = aws
        .logs("DescribeLogGroups", &json!({ "logGroupNamePrefix": prefix }))
        .await?;
    let groups = answer["logGroups"].as_array().into_iter().flatten();
    Ok(groups
        .filter_map(|group| group["logGroupName"].as_str().map(str::to_owned))
        .collect())
}

async fn print_new(
    aws: &Aws,
    group: &str,
    prefix: &str,
    seen: &mut HashSet<String>,
    since: &mut Option<i64>,
) -> Result<(), AwsError> {
    let answer = aws
        .logs(
            "FilterLogEvents",
            &json!({ "logGroupName": group, "startTime": since.unwrap_or(0) }),
        )
        .await?;
    for event in answer["events"].as_array().into_iter().flatten() {
        let id = event["eventId"].as_str().unwrap_or_default();
        let message = event["message"].as_str().unwrap_or_default().trim_end();
        if seen.insert(id.to_owned()) && !PLATFORM.iter().any(|line| message.starts_with(line)) {
            say(&format!("{:<14} {message}", group.trim_start_matches(prefix)));
        }
        // Ids of lines from before this time are not asked for again.
        *since = (*since).max(event["timestamp"].as_i64().map(|at| at - 60_000));
    }
    Ok(())
}
