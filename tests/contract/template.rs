//! The template deploys what the contract names, and nothing of it is missing.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).to_path_buf()
}

fn template() -> String {
    fs::read_to_string(root().join("template.yaml")).unwrap()
}

/// The logical ids of the template's resources of a type.
fn resources(kind: &str) -> Vec<String> {
    let template = template();
    let lines: Vec<_> = template.lines().collect();
    let named = lines
        .windows(2)
        .filter(|pair| pair[1].trim() == format!("Type: {kind}"));
    named
        .map(|pair| pair[0].trim().trim_end_matches(':').to_owned())
        .collect()
}

#[test]
fn every_function_of_the_contract_is_in_the_template_and_may_be_called() {
    let template = template();
    let functions = resources("AWS::Serverless::Function");
    let named = contract::functions()
        .into_iter()
        .map(|(name, _)| name)
        .chain(["AuthorizerFunction"]);
    for name in named {
        assert!(
            functions.iter().any(|function| function == name),
            "{name} is not in the template"
        );
        let permission = format!("FunctionName: !Ref {name}.Alias");
        assert!(template.contains(&permission), "API Gateway may not call {name}");
    }
    assert!(
        template.contains("Location: infra/openapi.json"),
        "the template does not include the contract"
    );
}

#[test]
fn every_crate_under_functions_is_deployed() {
    let template = template();
    for entry in fs::read_dir(root().join("functions")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            template.contains(&format!("Binary: {name}, Flags: [--package, {name}]")),
            "{name} is not in the template"
        );
    }
}

#[test]
fn every_queue_has_a_dead_letter_queue_and_alarms() {
    let queues = resources("AWS::SQS::Queue");
    let alarms = template();
    assert!(queues.len() >= 6, "{queues:?}");
    for queue in &queues {
        let watched = alarms.matches(&format!("!GetAtt {queue}.QueueName")).count();
        assert!(watched > 0, "{queue} has no alarm");
    }
    let (dead, living): (Vec<_>, Vec<_>) = queues.iter().partition(|queue| queue.contains("Dead"));
    assert_eq!(dead.len(), living.len(), "{queues:?}");
}
