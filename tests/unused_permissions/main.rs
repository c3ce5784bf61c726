//! Least privilege, after the fact. While all the other tests run, the local cloud notes each action of a role, and whether the role's policies allow it.
//! Here: no function did what its role may not, and none may do what it never did.
//!
//! `cargo test` runs this last, after those of the target `system`, by which it judges.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot read what it looks at should fail"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use yaml_serde::Value;

/// A role's logical id and an action, such as `FleetRole` and `dynamodb:GetItem`.
type Right = (String, String);

/// What functions may do though not every run of the tests makes them do it, and why they may.
const REVIEWED: &[(&str, &str, &str)] = &[
    (
        "AwsWorkerRole",
        "ce:GetCostAndUsage",
        "the local cloud has no Cost Explorer: a server of the tests answers",
    ),
    (
        "AwsWorkerRole",
        "cloudformation:DescribeStackEvents",
        "why a stack failed: none does here",
    ),
    (
        "AwsWorkerRole",
        "cloudformation:TagResource",
        "by CloudFormation, for the tags of a stack",
    ),
    (
        "AwsWorkerRole",
        "iam:PassRole",
        "by CloudFormation, for the role of a stack",
    ),
    (
        "ErrorsRole",
        "dynamodb:DeleteItem",
        "a row whose time is over, and which is still there",
    ),
    ("ErrorsRole", "dynamodb:GetItem", "a batch that comes again"),
    (
        "IngestWorkerRole",
        "dynamodb:Query",
        "the outcome of a message that comes again",
    ),
    (
        "IngestWorkerRole",
        "s3:DeleteObject",
        "a body too large for its message, once it is in",
    ),
    ("IngestWorkerRole", "s3:GetObject", "a body too large for its message"),
    (
        "IngestWorkerRole",
        "s3:ListBucket",
        "a body that is gone: 404 instead of 403",
    ),
    ("IngestWorkerRole", "sqs:SendMessage", "what is given up"),
    (
        "OperationsRole",
        "sqs:DeleteMessage",
        "letters that are sent again: the test of it has a cloud of its own",
    ),
    (
        "OperationsRole",
        "sqs:ChangeMessageVisibility",
        "letters that are looked at, and left",
    ),
];

/// Roles of functions that the clock calls: what of their rights they use depends on how long the tests take, and on what was lost meanwhile.
const BY_THE_CLOCK: [&str; 3] = ["HealthRole", "JournalArchiveRole", "SweeperRole"];

/// What Lambda's poller does in the name of a function that a queue feeds (AWS "Using Lambda with Amazon SQS").
const POLLER: [&str; 3] = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
const POLLED: [&str; 4] = ["AwsWorkerRole", "DeletionRole", "IngestWorkerRole", "MailFeedbackRole"];

/// What functions do and the emulator would refuse, and what AWS calls it.
const MISTAKEN: &[(&str, &str, &str)] = &[
    (
        "OperationsRole",
        "lambda:ListEventSourceMappings",
        "the emulator's name for what is done with one mapping",
    ),
    ("OperationsRole", "lambda:GetEventSourceMapping", "the same"),
    ("OperationsRole", "lambda:UpdateEventSourceMapping", "the same"),
    (
        "AwsWorkerRole",
        "ses:SendEmail",
        "judged by the emulator without the identity that sends",
    ),
    (
        "JournalArchiveRole",
        "s3:PutObject",
        "judged by the emulator without the lock that the request asks for",
    ),
    (
        "AwsWorkerRole",
        "dynamodb:RestoreTableToPointInTime",
        "judged by the emulator without the tables that the request names",
    ),
];

fn template() -> Value {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml")).unwrap();
    yaml_serde::from_str(&text).unwrap()
}

/// A text, or each of a list of them.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Sequence(items) => items.iter().flat_map(texts).collect(),
        Value::Tagged(tagged) => texts(&tagged.value),
        other => other.as_str().map(str::to_owned).into_iter().collect(),
    }
}

/// The actions that statements allow. Of statements under a condition of the template, those that stand where it holds.
fn allowed(statements: &Value) -> Vec<String> {
    let each = statements.as_sequence().into_iter().flatten();
    let each = each.flat_map(|statement| match statement {
        Value::Tagged(tagged) => tagged.value.as_sequence().cloned().unwrap_or_default(),
        other => vec![other.clone()],
    });
    each.filter(|statement| statement["Effect"] == "Allow")
        .flat_map(|statement| texts(&statement["Action"]))
        .collect()
}

/// What the template allows the roles of its functions, but for what Lambda itself does in their name (`FunctionBasics`).
fn granted(template: &Value) -> BTreeSet<Right> {
    let resources = &template["Resources"];
    let functions = resources.as_mapping().unwrap().values();
    let functions = functions.filter(|resource| resource["Type"] == "AWS::Serverless::Function");
    let roles = functions.flat_map(|function| texts(&function["Properties"]["Role"]));
    let of_role = |role: String| {
        let role = role.trim_end_matches(".Arn").to_owned();
        let properties = &resources[role.as_str()]["Properties"];
        let own = properties["Policies"].as_sequence().into_iter().flatten();
        let own = own.flat_map(|policy| allowed(&policy["PolicyDocument"]["Statement"]));
        let shared = texts(&properties["ManagedPolicyArns"]).into_iter();
        let shared = shared
            .filter(|policy| policy != "FunctionBasics")
            .flat_map(|policy| allowed(&resources[policy.as_str()]["Properties"]["PolicyDocument"]["Statement"]));
        let rights: Vec<Right> = own.chain(shared).map(|action| (role.clone(), action)).collect();
        rights
    };
    roles.flat_map(of_role).collect()
}

/// What was noted: by outcome, the rights of the template's roles.
fn noted(roles: &BTreeSet<&str>) -> BTreeMap<String, BTreeSet<Right>> {
    let path = tests::state_dir("shared").join("actions.log");
    let notes = fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}: run cargo test --workspace, which makes it",
            path.display()
        )
    });
    let mut noted: BTreeMap<String, BTreeSet<Right>> = BTreeMap::new();
    for note in notes.lines() {
        let [outcome, role, action] = note.split(' ').collect::<Vec<_>>().try_into().unwrap();
        // CloudFormation names a role after the stack and its logical id.
        if let Some(role) = roles.iter().find(|id| role.split('-').any(|part| part == **id)) {
            let rights = noted.entry(outcome.to_owned()).or_default();
            rights.insert(((*role).to_owned(), action.to_owned()));
        }
    }
    noted
}

fn rights(listed: &[(&str, &str, &str)]) -> BTreeSet<Right> {
    let rights = listed
        .iter()
        .map(|(role, action, _)| ((*role).to_owned(), (*action).to_owned()));
    rights.collect()
}

#[test]
fn no_function_may_do_what_it_never_does_nor_does_what_it_may_not() {
    let template = template();
    let granted = granted(&template);
    let roles = granted.iter().map(|(role, _)| role.as_str()).collect();
    let noted = noted(&roles);
    let none = BTreeSet::new();
    let used = noted.get("allowed").unwrap_or(&none);
    assert!(
        used.len() > 50,
        "the system's tests have not run to their end: {used:?}"
    );

    let refused = noted.get("refused").unwrap_or(&none);
    let refused: Vec<_> = refused.difference(&rights(MISTAKEN)).cloned().collect();
    assert!(refused.is_empty(), "done, but not granted: {refused:#?}");

    let by_poller = |(role, action): &Right| POLLED.contains(&role.as_str()) && POLLER.contains(&action.as_str());
    let by_clock = |(role, _): &Right| BY_THE_CLOCK.contains(&role.as_str());
    let known = &rights(REVIEWED) | &rights(MISTAKEN);
    let unused: Vec<_> = granted
        .iter()
        .filter(|right| !used.contains(right) && !known.contains(right) && !by_poller(right) && !by_clock(right))
        .collect();
    assert!(
        unused.is_empty(),
        "granted, but never used: take it away, test it, or say why it is there: {unused:#?}"
    );
    let stale: Vec<_> = rights(REVIEWED).difference(&granted).cloned().collect();
    assert!(stale.is_empty(), "reviewed, but not granted any more: {stale:#?}");
}
