//! What stands in `template.yaml` and costs something, for the parameters' defaults and what is given beside them.

mod conditions;

use anyhow::{Context, Result, bail};
use conditions::Conditions;
use std::collections::BTreeMap;
use yaml_serde::Value;

/// What is billed by its use alone, with or without a line of its own in a scenario.
const BY_USE: [&str; 14] = [
    "AWS::ApiGateway::BasePathMapping",
    "AWS::ApiGateway::DomainName",
    "AWS::Cognito::UserPool",
    "AWS::DynamoDB::Table",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SES::ConfigurationSet",
    "AWS::SES::ConfigurationSetEventDestination",
    "AWS::SES::EmailIdentity",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::Serverless::Api",
    "AWS::Serverless::Function",
];
/// What costs nothing.
const FREE: [&str; 14] = [
    "AWS::ApiGateway::Account",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolDomain",
    "AWS::Cognito::UserPoolGroup",
    "AWS::Cognito::UserPoolIdentityProvider",
    "AWS::Events::Rule",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::Lambda::Permission",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Serverless::SimpleTable",
    "AWS::WAFv2::WebACLAssociation",
];

/// A function, as far as it costs something.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Its name without the stage.
    pub name: String,
    /// Megabytes.
    pub memory: f64,
    /// Whether Lambda records a trace of what begins with it.
    pub traced: bool,
    /// The names of its schedules, and how often an hour each runs.
    pub schedules: Vec<(String, f64)>,
    /// How many queues Lambda polls for it: standard and FIFO.
    pub polled: (u32, u32),
}

/// What costs something.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// The functions.
    pub functions: Vec<Function>,
    /// Metrics with an alarm, and those of them that are looked at more often than each minute.
    pub alarms: (u32, u32),
    /// Dashboards.
    pub dashboards: u32,
    /// Secrets.
    pub secrets: u32,
    /// Keys of KMS.
    pub keys: u32,
    /// Rules of each web ACL.
    pub web_acls: Vec<u32>,
    /// Tables that functions call under a key of KMS.
    pub tables: u32,
    /// The processor of the functions.
    pub architecture: String,
    /// The user pool's feature plan.
    pub user_pool: String,
    /// For how many months logs are kept.
    pub log_months: f64,
}

/// Reads a template's text.
///
/// # Errors
/// When it holds what is not known here: a kind of resource, or a schedule.
pub fn read(text: &str, given: &[(&str, &str)]) -> Result<Inventory> {
    let template: Value = yaml_serde::from_str(text)?;
    let conditions = Conditions::of(&template, given);
    let mut inventory = Inventory {
        architecture: conditions.parameter("Architecture"),
        user_pool: conditions.parameter("UserPoolTier"),
        log_months: conditions.parameter("LogRetentionDays").parse::<f64>()? * 24.0 / crate::HOURS,
        ..Inventory::default()
    };
    let resources = template["Resources"].as_mapping().context("no resources")?;
    for (id, resource) in resources {
        let there = resource.get("Condition").and_then(Value::as_str);
        if there.is_none_or(|condition| conditions.met(condition)) {
            let id = id.as_str().unwrap_or_default();
            count(&mut inventory, &template, &conditions, resource).with_context(|| id.to_owned())?;
        }
    }
    Ok(inventory)
}

fn count(inventory: &mut Inventory, template: &Value, conditions: &Conditions, resource: &Value) -> Result<()> {
    let (kind, properties) = (resource["Type"].as_str().unwrap_or_default(), &resource["Properties"]);
    match kind {
        "AWS::CloudWatch::Alarm" => count_alarm(inventory, properties),
        "AWS::CloudWatch::Dashboard" => inventory.dashboards += 1,
        "AWS::SecretsManager::Secret" => inventory.secrets += 1,
        "AWS::KMS::Key" => inventory.keys += 1,
        "AWS::WAFv2::WebACL" => {
            let rules = properties["Rules"].as_sequence().into_iter().flatten();
            let there = rules.filter(|rule| conditions.resolved(rule).is_some()).count();
            inventory.web_acls.push(u32::try_from(there)?);
        }
        "AWS::Serverless::Function" => inventory.functions.push(function(template, properties)?),
        "AWS::DynamoDB::Table" => inventory.tables += 1,
        other if BY_USE.contains(&other) || FREE.contains(&other) => {}
        other => bail!("{other}: say in infra/bill what it costs"),
    }
    Ok(())
}

/// An alarm is billed by the metrics that it looks at.
fn count_alarm(inventory: &mut Inventory, alarm: &Value) {
    let metrics = alarm.get("Metrics").and_then(Value::as_sequence);
    let metrics = metrics.map_or(1, |all| all.iter().filter(|it| it.get("MetricStat").is_some()).count());
    let metrics = u32::try_from(metrics).unwrap_or(u32::MAX);
    inventory.alarms.0 += metrics;
    if alarm
        .get("Period")
        .and_then(Value::as_u64)
        .is_some_and(|seconds| seconds < 60)
    {
        inventory.alarms.1 += metrics;
    }
}

fn function(template: &Value, properties: &Value) -> Result<Function> {
    let globals = &template["Globals"]["Function"];
    let property = |name: &str| properties.get(name).or_else(|| globals.get(name));
    let name = crate::text(&properties["FunctionName"])
        .trim_start_matches("millwright-${Stage}-")
        .to_owned();
    let mut function = Function {
        memory: property("MemorySize").and_then(Value::as_f64).unwrap_or(128.0),
        traced: property("Tracing").and_then(Value::as_str) == Some("Active"),
        schedules: Vec::new(),
        polled: (0, 0),
        name,
    };
    let events: BTreeMap<String, Value> = match properties.get("Events") {
        Some(events) => yaml_serde::from_value(events.clone())?,
        None => BTreeMap::new(),
    };
    for (event, described) in events {
        match described["Type"].as_str() {
            Some("Schedule") => {
                let schedule = crate::text(&described["Properties"]["Schedule"]);
                let name = described["Properties"].get("Name").map_or(event, crate::text);
                let name = name.trim_start_matches("millwright-${Stage}-").to_owned();
                function.schedules.push((name, an_hour(&schedule)?));
            }
            Some("SQS") => {
                let queue = crate::text(&described["Properties"]["Queue"]);
                let queue = &template["Resources"][queue.split('.').next().unwrap_or_default()];
                match queue["Properties"].get("FifoQueue") {
                    Some(_) => function.polled.1 += 1,
                    None => function.polled.0 += 1,
                }
            }
            _ => {}
        }
    }
    Ok(function)
}

/// How often an hour a schedule runs: `rate(5 minutes)`, or a `cron` of one minute and hour of every day.
fn an_hour(schedule: &str) -> Result<f64> {
    let inside = |kind: &str| {
        Some(
            schedule
                .strip_prefix(kind)?
                .strip_prefix('(')?
                .strip_suffix(')')?
                .to_owned(),
        )
    };
    if let Some(rate) = inside("rate") {
        let (many, unit) = rate.split_once(' ').context("a rate is a number and a unit")?;
        let minutes = match unit.trim_end_matches('s') {
            "minute" => 1.0,
            "hour" => 60.0,
            "day" => 1440.0,
            other => bail!("{other}: an unknown unit"),
        };
        return Ok(60.0 / (many.parse::<f64>()? * minutes));
    }
    let cron = inside("cron").with_context(|| format!("{schedule}: neither rate nor cron"))?;
    let fields: Vec<_> = cron.split(' ').collect();
    match fields[..] {
        [minute, hour, "*", "*", "?", "*"] if [minute, hour].iter().all(|it| it.parse::<u8>().is_ok()) => {
            Ok(1.0 / 24.0)
        }
        _ => bail!("{schedule}: say in infra/bill how often this runs"),
    }
}

#[cfg(test)]
mod tests;
