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
fn every_function_of_the_contract_may_count_requests() {
    let template = template();
    for (name, _) in contract::functions() {
        let role = format!("\n  {}Role:\n", name.trim_end_matches("Function"));
        let block = template
            .split_once(&role)
            .and_then(|(_, rest)| rest.split("\n\n").next());
        let policies = "ManagedPolicyArns: [!Ref FunctionBasics, !Ref RateLeases]";
        assert!(
            block.is_some_and(|block| block.contains(policies)),
            "{name}'s role lacks !Ref RateLeases"
        );
    }
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
    for queue in queues.iter().filter(|queue| !queue.contains("Dead")) {
        let begin = alarms.find(&format!("\n  {queue}:\n")).unwrap();
        let block = alarms[begin..].split("\n\n").next().unwrap();
        assert!(
            block.contains("deadLetterTargetArn"),
            "{queue} has no dead-letter queue"
        );
    }
}

#[test]
fn every_functions_log_is_looked_at_for_errors_but_that_of_the_one_that_looks() {
    let template = template();
    let subscribed =
        |log: &str| template.contains(&format!("LogGroupName: !Ref {log}, FilterPattern: !Ref ErrorPattern"));
    let functions = resources("AWS::Serverless::Function");
    assert!(functions.len() >= 10, "{functions:?}");
    for function in functions {
        let log = format!("{}Log", function.trim_end_matches("Function"));
        assert!(
            template.contains(&format!("LoggingConfig: {{ LogGroup: !Ref {log} }}")),
            "{function} has no log group"
        );
        assert_eq!(subscribed(&log), function != "ErrorsFunction", "{log}");
    }
}

/// The lines of a resource, joined.
fn block(name: &str) -> String {
    let template = template();
    let (_, rest) = template.split_once(&format!("\n  {name}:\n")).unwrap();
    let lines = rest
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with("    "));
    lines.collect::<Vec<_>>().join("\n")
}

/// The statement of a policy by its name.
fn statement(block: &str, sid: &str) -> String {
    let (_, rest) = block.split_once(&format!("- Sid: {sid}\n")).unwrap_or_default();
    let lines = rest
        .lines()
        .take_while(|line| !line.trim_start().starts_with("- ") && !line.trim_start().starts_with('#'));
    lines.collect::<Vec<_>>().join("\n")
}

const JOURNALS: &str = "Condition: { 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': ['JOURNAL*'] } }";
const TABLES: &str = "table/millwright-${Stage}-org-*";

#[test]
fn no_role_may_change_or_delete_a_journals_entry() {
    let denied = statement(&block("FunctionBasics"), "JournalsStay");
    assert!(denied.contains("Effect: Deny") && denied.contains(JOURNALS), "{denied}");
    assert!(denied.contains(TABLES), "{denied}");
    for action in ["UpdateItem", "DeleteItem", "PartiQLUpdate", "PartiQLDelete"] {
        assert!(denied.contains(&format!("dynamodb:{action}")), "{action}");
    }
    let roles = resources("AWS::IAM::Role");
    let touching: Vec<_> = roles.iter().filter(|role| block(role).contains(TABLES)).collect();
    assert!(touching.len() >= 6, "{touching:?}");
    for role in touching {
        let block = block(role);
        // CloudFormation's own makes and deletes whole tables, and reaches no item.
        if role == "OrganizationStackRole" {
            assert!(!block.contains("Item"), "{role}");
            continue;
        }
        assert!(
            block.contains("ManagedPolicyArns: [!Ref FunctionBasics"),
            "{role} is not denied it"
        );
        // A batch may delete: where one may be written, journals are out of reach, but for the copy that a restoration makes.
        let batches = block.contains("dynamodb:BatchWriteItem") && role != "AwsWorkerRole";
        let denied = statement(&block, "JournalsAreNotItsOwn");
        let out_of_reach = denied.contains("Effect: Deny")
            && denied.contains("dynamodb:BatchWriteItem")
            && denied.contains(JOURNALS)
            && denied.contains(TABLES);
        assert!(!batches || out_of_reach, "{role}: {denied}");
        for whole in ["dynamodb:*", "dynamodb:PartiQL"] {
            assert!(!block.contains(whole), "{role} may {whole}");
        }
    }
}

#[test]
fn only_the_archive_writes_copies_of_journals_and_nobody_deletes_one() {
    let bucket = block("JournalArchiveBucket");
    for part in [
        "ObjectLockEnabled: true",
        "VersioningConfiguration: { Status: Enabled }",
        "DefaultRetention: { Mode: !Ref JournalArchiveMode",
    ] {
        assert!(bucket.contains(part), "{part}");
    }
    let policy = block("JournalArchiveBucketPolicy");
    let writes = statement(&policy, "OnlyTheArchiveWrites");
    assert!(
        writes.contains("Effect: Deny") && writes.contains("s3:PutObject"),
        "{writes}"
    );
    assert!(
        writes.contains("ArnNotEquals: { 'aws:PrincipalArn': !GetAtt JournalArchiveRole.Arn }"),
        "{writes}"
    );
    let deletes = statement(&policy, "NobodyDeletesOrUnlocks");
    for action in [
        "DeleteObject",
        "DeleteObjectVersion",
        "PutObjectRetention",
        "BypassGovernanceRetention",
    ] {
        assert!(deletes.contains(&format!("s3:{action}")), "{action}");
    }
    for role in resources("AWS::IAM::Role") {
        let named = block(&role).contains("JournalArchiveBucket");
        assert_eq!(named, role == "JournalArchiveRole", "{role}");
    }
    let role = block("JournalArchiveRole");
    assert!(!role.contains("s3:Delete") && !role.contains("Retention"), "{role}");
}

#[test]
fn nobody_signs_in_around_the_identity_function() {
    let template = template();
    let begin = template.find("\n  UserPoolClient:\n").unwrap();
    let client = template[begin..].split("\n\n").next().unwrap();
    assert!(client.contains("GenerateSecret: true"), "{client}");
    // Refreshing by the client's secret (GetTokensFromRefreshToken) needs no flow.
    assert!(
        client.contains("ExplicitAuthFlows: [ALLOW_ADMIN_USER_PASSWORD_AUTH]"),
        "{client}"
    );
    assert!(client.contains("PreventUserExistenceErrors: ENABLED"), "{client}");
    let minutes = format!("AuthSessionValidity: {}\n", aws_cognito::CHALLENGE_KEPT.as_secs() / 60);
    assert!(client.contains(&minutes), "{client}");
    let begin = template.find("\n  UserPool:\n").unwrap();
    let pool = template[begin..].split("\n\n").next().unwrap();
    assert!(pool.contains("MfaConfiguration: OPTIONAL") && pool.contains("EnabledMfas: [SOFTWARE_TOKEN_MFA]"));
}
