//! A function's environment, as `template.yaml` sets it for the simplest deployment: parameters have their defaults, conditions do not hold, resources are
//! called by their logical ids.

use crate::endpoint::Endpoint;
use std::path::Path;
use yaml_serde::Value;

/// What has no value in a deployment by defaults, or one that would lead away from the endpoint.
fn instead(name: &str, endpoint: &Endpoint) -> Option<String> {
    match name {
        "JWKS_URL" => Some(format!("{}/keys", endpoint.url)),
        // As the samples call it.
        "STORAGE_BUCKET" => Some(format!("millwright-dev-{ACCOUNT}-eu-west-1")),
        "MACHINE_ACCOUNTS" => Some(ACCOUNT.to_owned()),
        "RATE_LIMITS" => Some("person=1000000 key=1000000 machine=1000000 device=1000000 network=1000000".to_owned()),
        _ => None,
    }
}

const ACCOUNT: &str = "123456789012";

/// The variables of the function with that binary, and where AWS is.
pub fn of(function: &str, endpoint: &Endpoint) -> Vec<(String, String)> {
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
    let template: Value = yaml_serde::from_str(&std::fs::read_to_string(template).unwrap()).unwrap();
    let resources = template["Resources"].as_mapping().unwrap();
    let is = |resource: &&Value| resource["Metadata"]["BuildProperties"]["Binary"].as_str() == Some(function);
    let own = resources.values().find(|resource| {
        resource
            .get("Metadata")
            .and_then(|metadata| metadata.get("BuildProperties"))
            .is_some()
            && is(resource)
    });
    let variables = |properties: &Value| {
        properties
            .get("Environment")
            .map(|environment| environment["Variables"].clone())
    };
    let own = own.and_then(|own| variables(&own["Properties"]));
    let common = variables(&template["Globals"]["Function"]);
    let mut environment = vec![
        ("AWS_ENDPOINT_URL".to_owned(), endpoint.url.clone()),
        ("SSL_CERT_FILE".to_owned(), endpoint.roots.display().to_string()),
        ("AWS_CA_BUNDLE".to_owned(), endpoint.roots.display().to_string()),
    ];
    for (name, value) in [common, own]
        .into_iter()
        .flatten()
        .flat_map(|all| all.as_mapping().cloned().unwrap())
    {
        let name = name.as_str().unwrap().to_owned();
        let value = instead(&name, endpoint).or_else(|| text(&value, &template));
        environment.extend(value.map(|value| (name, value)));
    }
    environment
}

/// What a value comes to; none for `AWS::NoValue`.
fn text(value: &Value, template: &Value) -> Option<String> {
    let Value::Tagged(tagged) = value else {
        return value.as_str().map(str::to_owned);
    };
    let inner = &tagged.value;
    match (tagged.tag.to_string().trim_start_matches('!'), inner) {
        ("Ref", name) => reference(name.as_str()?, template),
        ("GetAtt", name) => Some(format!("arn:aws:example:eu-west-1:{ACCOUNT}:{}", name.as_str()?)),
        ("Sub", pattern) => Some(substitute(pattern.as_str()?, template)),
        ("If", Value::Sequence(parts)) => text(parts.get(2)?, template),
        _ => None,
    }
}

fn substitute(pattern: &str, template: &Value) -> String {
    let mut parts = pattern.split("${");
    let mut all = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        all += &reference(name, template).unwrap_or_default();
        all += rest;
    }
    all
}

fn reference(name: &str, template: &Value) -> Option<String> {
    match name {
        "AWS::NoValue" => return None,
        "AWS::Region" => return Some("eu-west-1".to_owned()),
        "AWS::AccountId" => return Some(ACCOUNT.to_owned()),
        _ => {}
    }
    if let Some(parameter) = template["Parameters"].get(name) {
        return parameter.get("Default").map(|default| match default {
            Value::String(text) => text.clone(),
            other => yaml_serde::to_string(other).unwrap_or_default().trim().to_owned(),
        });
    }
    let kind = template["Resources"]
        .get(name)
        .and_then(|resource| resource.get("Type"));
    let queue = kind.and_then(Value::as_str) == Some("AWS::SQS::Queue");
    Some(match queue {
        true => format!("https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/{name}"),
        false => name.to_owned(),
    })
}
