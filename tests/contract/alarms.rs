//! Whatever the template deploys is watched: every function, queue and dead-letter queue, by alarms on dimensions that exist.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use yaml_serde::Value;

/// Functions' time-out where they name none: the template's Globals.
const GLOBALS: [&str; 3] = ["Globals", "Function", "Timeout"];

/// What a value names once deployed: texts as they stand, references by the name that what they refer to is given.
fn name(template: &Value, value: &Value) -> Option<String> {
    let Value::Tagged(tagged) = value else {
        return value.as_str().map(str::to_owned);
    };
    let text = tagged.value.as_str()?;
    if tagged.tag == "Sub" {
        return Some(text.to_owned());
    }
    let id = text.split('.').next().unwrap_or_default();
    let properties = template.get("Resources")?.get(id)?.get("Properties")?;
    let named = ["FunctionName", "QueueName", "TableName"]
        .into_iter()
        .find_map(|it| properties.get(it))?;
    name(template, named)
}

struct Resource<'t> {
    id: &'t str,
    kind: &'t str,
    properties: &'t Value,
}

struct Alarm {
    id: String,
    metric: String,
    dimensions: BTreeMap<String, Option<String>>,
    threshold: f64,
}

fn template() -> Value {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml")).unwrap();
    yaml_serde::from_str(&text).unwrap()
}

fn resources(template: &Value) -> Vec<Resource<'_>> {
    let all = template["Resources"].as_mapping().unwrap().iter();
    let all = all.map(|(id, resource)| Resource {
        id: id.as_str().unwrap(),
        kind: resource["Type"].as_str().unwrap(),
        properties: &resource["Properties"],
    });
    all.collect()
}

fn alarms(template: &Value) -> Vec<Alarm> {
    let alarms = resources(template)
        .into_iter()
        .filter(|it| it.kind == "AWS::CloudWatch::Alarm");
    // The quotas' reckon with metrics of the account.
    let alarms = alarms.filter(|it| it.properties.get("MetricName").is_some());
    let alarms = alarms.map(|Resource { id, properties, .. }| {
        let text = |name: &str| properties[name].as_str().unwrap();
        let dimensions = properties["Dimensions"].as_sequence().into_iter().flatten();
        Alarm {
            id: id.to_owned(),
            metric: format!("{}/{}", text("Namespace"), text("MetricName")),
            dimensions: dimensions
                .map(|it| (it["Name"].as_str().unwrap().to_owned(), name(template, &it["Value"])))
                .collect(),
            threshold: properties["Threshold"].as_f64().unwrap(),
        }
    });
    alarms.collect()
}

/// The alarm of a metric whose only dimension, or whose dimension of that kind, is that name.
fn watching<'a>(alarms: &'a [Alarm], metric: &str, dimension: &str, name: &str) -> &'a Alarm {
    let found: Vec<_> = alarms
        .iter()
        .filter(|it| it.metric == metric && it.dimensions.get(dimension) == Some(&Some(name.to_owned())))
        .collect();
    assert_eq!(found.len(), 1, "alarms on {metric} of {name}");
    found[0]
}

#[test]
fn every_function_is_watched_for_failures_throttles_and_its_time() {
    let template = template();
    let alarms = alarms(&template);
    let default = GLOBALS.iter().fold(&template, |value, name| &value[*name]);
    let mut functions = 0;
    for Resource { id, properties, .. } in resources(&template)
        .into_iter()
        .filter(|it| it.kind == "AWS::Serverless::Function")
    {
        functions += 1;
        let function = name(&template, &properties["FunctionName"]).unwrap();
        let on = |metric: &str| watching(&alarms, &format!("AWS/Lambda/{metric}"), "FunctionName", &function);
        if id == "AuthorizerFunction" {
            // It refuses by failing: its own metric tells faults from refusals.
            watching(&alarms, "Millwright/AuthorizerFault", "Function", &function);
            assert!(!alarms.iter().any(
                |it| it.metric == "AWS/Lambda/Errors" && it.dimensions["FunctionName"].as_ref() == Some(&function)
            ));
        } else {
            assert!(on("Errors").threshold < 1.0, "{id}");
        }
        assert!(on("Throttles").threshold < 1.0, "{id}");
        let timeout = properties.get("Timeout").unwrap_or(default).as_f64().unwrap();
        let share = on("Duration").threshold / (timeout * 1000.0);
        assert!((0.5..0.95).contains(&share), "{id}: {share} of its time-out");
    }
    assert!(functions >= 16, "{functions}");
}

#[test]
fn every_queue_is_watched_for_age_and_depth_and_every_dead_letter_queue_for_letters() {
    let template = template();
    let alarms = alarms(&template);
    let (mut queues, mut letters) = (0, 0);
    for Resource { id, properties, .. } in resources(&template)
        .into_iter()
        .filter(|it| it.kind == "AWS::SQS::Queue")
    {
        let queue = name(&template, &properties["QueueName"]).unwrap();
        let on = |metric: &str| watching(&alarms, &format!("AWS/SQS/{metric}"), "QueueName", &queue);
        let depth = on("ApproximateNumberOfMessagesVisible").threshold;
        if properties.get("RedrivePolicy").is_some() {
            queues += 1;
            let age = on("ApproximateAgeOfOldestMessage").threshold;
            assert!(
                depth >= 100.0 && (60.0..=900.0).contains(&age),
                "{id}: {depth}, {age} s"
            );
        } else {
            letters += 1;
            assert!(depth < 1.0, "{id}");
        }
    }
    assert!(queues >= 5 && letters >= 6, "{queues}, {letters}");
}

#[test]
fn every_alarm_names_what_there_is_and_tells_somebody_what_to_do() {
    let template = template();
    let deployed: BTreeSet<_> = resources(&template)
        .iter()
        .flat_map(|it| ["FunctionName", "QueueName", "TableName", "Name"].map(|key| it.properties.get(key)))
        .filter_map(|value| name(&template, value?))
        .collect();
    let given = ["live", "ALL", "${Stage}"];
    for alarm in alarms(&template) {
        assert!(!alarm.dimensions.is_empty(), "{}", alarm.id);
        for (dimension, value) in &alarm.dimensions {
            let exists = match (dimension.as_str(), value) {
                // Pseudo parameters have no name in the template.
                ("Region", None) => true,
                ("Stage", None) => alarm.metric.starts_with("Millwright/"),
                (_, Some(value)) => deployed.contains(value) || given.contains(&value.as_str()),
                _ => false,
            };
            assert!(exists, "{}: there is no {dimension} {value:?}", alarm.id);
        }
    }
    let mut watched = 0;
    for alarm in resources(&template)
        .iter()
        .filter(|it| it.kind == "AWS::CloudWatch::Alarm")
    {
        watched += 1;
        let said = alarm.properties["AlarmDescription"].as_str().unwrap_or_default();
        assert!(said.len() > 50, "{}: {said}", alarm.id);
        for told in ["AlarmActions", "OKActions"] {
            let told = &alarm.properties[told][0];
            let topic = matches!(told, Value::Tagged(it) if it.value.as_str() == Some("OperationsTopic"));
            assert!(topic, "{} tells nobody", alarm.id);
        }
    }
    assert!(watched >= 70, "{watched}");
}
