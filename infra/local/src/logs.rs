//! Follows the functions' logs on standard output.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::json;

use crate::aws::{Aws, AwsError};
use crate::progress::say;
use crate::stack::STAGE;

const EVERY: Duration = Duration::from_millis(500);
/// How far back each poll looks behind the newest line, for groups that are slower than others.
const OVERLAP_MS: i64 = 60_000;
/// Lines that Lambda itself writes around each invocation.
const PLATFORM: [&str; 4] = ["START RequestId", "END RequestId", "REPORT RequestId", "INIT_START"];

/// Prints what the functions log from now on, each line after its function's name. Runs until dropped.
pub async fn follow(endpoint: &str) {
    let aws = Aws::new(endpoint);
    let prefix = format!("/millwright/{STAGE}/function/");
    let (mut seen, mut since) = (HashSet::new(), 0);
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

/// Prints a group's new lines. The emulator writes each invocation at once, to a log stream of its own.
async fn print_new(
    aws: &Aws,
    group: &str,
    prefix: &str,
    seen: &mut HashSet<String>,
    since: &mut i64,
) -> Result<(), AwsError> {
    let answer = aws
        .logs(
            "FilterLogEvents",
            &json!({ "logGroupName": group, "startTime": *since }),
        )
        .await?;
    let mut new = HashSet::new();
    for event in answer["events"].as_array().into_iter().flatten() {
        let stream = event["logStreamName"].as_str().unwrap_or_default();
        let message = event["message"].as_str().unwrap_or_default().trim_end();
        if !seen.contains(stream) {
            new.insert(stream.to_owned());
            if !PLATFORM.iter().any(|line| message.starts_with(line)) {
                say(&format!("{:<14} {message}", group.trim_start_matches(prefix)));
            }
        }
        // What is older is not asked for again.
        *since = (*since).max(event["timestamp"].as_i64().unwrap_or_default() - OVERLAP_MS);
    }
    seen.extend(new);
    Ok(())
}
