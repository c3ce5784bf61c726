//! Deploys the template through CloudFormation, as a pipeline would: upload, create or update, wait, read the outputs.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use hyper::Method;
use hyper::body::Bytes;

use crate::aws::{Aws, AwsError, text_of};
use crate::failure::{Failure, OrFail, Result};
use crate::package::{Package, hash};
use crate::progress::Progress;
use crate::state::{Record, StateDir};
use crate::{paths, template};

const STACK: &str = "millwright-local";
/// The deployment's name, part of every resource's.
pub(crate) const STAGE: &str = "local";
const BUCKET: &str = "millwright-artifacts";
const WHAT: &str = "deploying template.yaml";
const MEND: &str = "mend the template or the contract and run again";
const FINISH_WITHIN: Duration = Duration::from_secs(300);

/// What the deployed stack says about itself, by output name.
pub(crate) type Outputs = BTreeMap<String, String>;

/// A stack as CloudFormation describes it.
#[derive(Debug, PartialEq, Eq)]
struct Stack {
    status: String,
    changed: String,
    outputs: Outputs,
}

/// Deploys the packages to the emulator, unless exactly these are deployed there already.
pub(crate) async fn deploy(
    aws: &Aws,
    state: &StateDir,
    port: u16,
    packages: &[Package],
    progress: Progress,
) -> Result<Outputs> {
    let contract = fs::read(paths::workspace().join("infra/openapi.json"));
    let contract = contract.or_fail("reading infra/openapi.json", "write it with cargo run -p contract")?;
    let template = located(packages, &contract)?;
    let fingerprint = hash(format!("{port} {template}").as_bytes());
    let (before, record) = (describe(aws).await.or_fail(WHAT, MEND)?, state.record());
    let standing = before.as_ref().filter(|stack| stack.status.ends_with("_COMPLETE"));
    let deployed = |stack: &&Stack| {
        record
            == Record {
                port,
                fingerprint: fingerprint.clone(),
                changed: stack.changed.clone(),
            }
    };
    if let Some(stack) = standing.filter(deployed) {
        return Ok(stack.outputs.clone());
    }
    let step = progress.step("Deploying");
    upload(aws, packages, contract, &template)
        .await
        .or_fail(WHAT, "run again with --reset")?;
    let stack = apply(aws, before, &hash(template.as_bytes())).await?;
    remove_old_versions(aws, packages).await;
    state.set_record(&Record {
        port,
        fingerprint,
        changed: stack.changed,
    })?;
    step.done("done");
    Ok(stack.outputs)
}

/// The template with the addresses of what [`upload`] uploads.
fn located(packages: &[Package], contract: &[u8]) -> Result<String> {
    let mut template = template::read()?;
    for (id, function) in template.functions()? {
        if let Some(package) = packages.iter().find(|package| package.function == function) {
            template.set_code(&id, &format!("s3://{BUCKET}/{}", package_key(package)));
        }
    }
    template.set_includes(&format!("s3://{BUCKET}/{}", contract_key(contract)));
    template.to_yaml()
}

fn package_key(package: &Package) -> String {
    format!("functions/{}/{}.zip", package.function, package.sha256)
}

fn contract_key(contract: &[u8]) -> String {
    format!("contract/{}.json", hash(contract))
}

fn template_key(hash: &str) -> String {
    format!("templates/{hash}.yaml")
}

async fn upload(aws: &Aws, packages: &[Package], contract: Vec<u8>, template: &str) -> Result<(), AwsError> {
    aws.create_bucket(BUCKET).await?;
    for package in packages {
        let key = package_key(package);
        if !aws.has_object(BUCKET, &key).await {
            let zip = tokio::fs::read(&package.zip)
                .await
                .map_err(|error| AwsError(error.to_string()))?;
            aws.put_object(BUCKET, &key, zip.into()).await?;
        }
    }
    aws.put_object(BUCKET, &contract_key(&contract), contract.into())
        .await?;
    aws.put_object(
        BUCKET,
        &template_key(&hash(template.as_bytes())),
        Bytes::copy_from_slice(template.as_bytes()),
    )
    .await
}

/// Creates or updates the stack and waits until it stands.
async fn apply(aws: &Aws, before: Option<Stack>, template: &str) -> Result<Stack> {
    let exists = match before {
        Some(stack) if never_stood(&stack.status) => {
            remove(aws).await?;
            false
        }
        stack => stack.is_some(),
    };
    let action = if exists { "UpdateStack" } else { "CreateStack" };
    let address = format!("{}/{BUCKET}/{}", aws.endpoint(), template_key(template));
    match aws.cloudformation(action, &request(&address, aws.endpoint())).await {
        Err(AwsError(message)) if message.contains("No updates") => {}
        answer => answer.map(drop).or_fail(WHAT, MEND)?,
    }
    let stack = finished(aws).await?;
    match stack {
        Some(stack) if matches!(stack.status.as_str(), "CREATE_COMPLETE" | "UPDATE_COMPLETE") => Ok(stack),
        Some(stack) => Err(Failure::new(
            WHAT,
            first_failure(aws).await.unwrap_or(stack.status),
            MEND,
        )),
        None => Err(Failure::new(WHAT, "the stack is gone", "run again")),
    }
}

/// Whether the stack is the ruin of a failed creation, which only deletion gets rid of.
fn never_stood(status: &str) -> bool {
    matches!(
        status,
        "CREATE_FAILED" | "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "DELETE_FAILED" | "REVIEW_IN_PROGRESS"
    )
}

async fn remove(aws: &Aws) -> Result<()> {
    let remedy = "run again with --reset";
    aws.cloudformation("DeleteStack", &[("StackName", STACK)])
        .await
        .or_fail(WHAT, remedy)?;
    match finished(aws).await? {
        None => Ok(()),
        Some(stack) => Err(Failure::new(
            WHAT,
            format!("the failed stack is {}", stack.status),
            remedy,
        )),
    }
}

fn request<'a>(template: &'a str, endpoint: &'a str) -> [(&'static str, &'a str); 12] {
    // The processor the functions were just built for.
    let architecture = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x86_64"
    };
    [
        ("StackName", STACK),
        ("TemplateURL", template),
        ("Capabilities.member.1", "CAPABILITY_NAMED_IAM"),
        ("Capabilities.member.2", "CAPABILITY_AUTO_EXPAND"),
        ("Parameters.member.1.ParameterKey", "Stage"),
        ("Parameters.member.1.ParameterValue", STAGE),
        ("Parameters.member.2.ParameterKey", "Architecture"),
        ("Parameters.member.2.ParameterValue", architecture),
        ("Parameters.member.3.ParameterKey", "JwksBaseUrl"),
        ("Parameters.member.3.ParameterValue", endpoint),
        ("Parameters.member.4.ParameterKey", "LogRetentionDays"),
        ("Parameters.member.4.ParameterValue", "1"),
    ]
}

/// Waits until nothing is in progress; nothing when the stack is gone.
async fn finished(aws: &Aws) -> Result<Option<Stack>> {
    let started = Instant::now();
    loop {
        let stack = describe(aws).await.or_fail(WHAT, MEND)?;
        match stack {
            Some(stack) if !stack.status.ends_with("_IN_PROGRESS") => {
                return Ok(Some(stack).filter(|stack| stack.status != "DELETE_COMPLETE"));
            }
            None => return Ok(None),
            Some(stack) if started.elapsed() > FINISH_WITHIN => {
                let why = format!("still {} after {} s", stack.status, FINISH_WITHIN.as_secs());
                return Err(Failure::new(WHAT, why, "run again with --reset"));
            }
            Some(_) => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}

async fn describe(aws: &Aws) -> Result<Option<Stack>, AwsError> {
    match aws.cloudformation("DescribeStacks", &[("StackName", STACK)]).await {
        Ok(xml) => Ok(parse_stack(&xml)),
        Err(AwsError(message)) if message.contains("does not exist") => Ok(None),
        Err(error) => Err(error),
    }
}

fn parse_stack(xml: &str) -> Option<Stack> {
    let status = text_of(xml, "StackStatus")?;
    let changed = text_of(xml, "LastUpdatedTime")
        .or_else(|| text_of(xml, "CreationTime"))
        .unwrap_or_default();
    let keys = all(xml, "OutputKey");
    Some(Stack {
        status,
        changed,
        outputs: keys.into_iter().zip(all(xml, "OutputValue")).collect(),
    })
}

/// The texts of all elements of that name, in order.
fn all(xml: &str, name: &str) -> Vec<String> {
    let Ok(document) = roxmltree::Document::parse(xml) else {
        return Vec::new();
    };
    let elements = document.descendants().filter(|node| node.tag_name().name() == name);
    elements
        .map(|node| node.text().unwrap_or_default().to_owned())
        .collect()
}

/// The first resource that failed in the last operation, and why: the rest were only cancelled.
async fn first_failure(aws: &Aws) -> Option<String> {
    let xml = aws
        .cloudformation("DescribeStackEvents", &[("StackName", STACK)])
        .await
        .ok()?;
    parse_failure(&xml)
}

fn parse_failure(xml: &str) -> Option<String> {
    let document = roxmltree::Document::parse(xml).ok()?;
    let events = document
        .descendants()
        .filter(|node| node.has_children() && node.tag_name().name() == "member");
    let mut first = None;
    // Newest first, so the last one seen is the first of the newest operation.
    for event in events {
        let of = |name: &str| {
            let child = event.children().find(|node| node.tag_name().name() == name);
            child.and_then(|node| node.text()).unwrap_or_default().to_owned()
        };
        let (status, reason, id) = (
            of("ResourceStatus"),
            of("ResourceStatusReason"),
            of("LogicalResourceId"),
        );
        if id == STACK && matches!(status.as_str(), "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS") {
            break;
        }
        if status.ends_with("_FAILED") && !reason.contains("cancelled") {
            first = Some(format!("{id} ({}): {reason}", of("ResourceType")));
        }
    }
    first
}

/// Deletes the versions `live` has left behind: each holds its package in the emulator's memory.
async fn remove_old_versions(aws: &Aws, packages: &[Package]) {
    for package in packages {
        let name = format!("millwright-{STAGE}-{}", package.function);
        let Ok(alias) = aws.lambda(Method::GET, &format!("{name}/aliases/live")).await else {
            continue;
        };
        let Ok(versions) = aws.lambda(Method::GET, &format!("{name}/versions")).await else {
            continue;
        };
        let numbers = versions["Versions"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|version| version["Version"].as_str());
        for number in numbers.filter(|number| *number != "$LATEST" && alias["FunctionVersion"] != *number) {
            // Left behind, it costs memory and nothing else.
            let _ = aws.lambda(Method::DELETE, &format!("{name}?Qualifier={number}")).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_stack() {
        let xml = "<R xmlns='urn:c'><Stacks><member><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>t</CreationTime>\
                   <Outputs><member><OutputKey>ApiId</OutputKey><OutputValue>a1</OutputValue></member></Outputs></member>\
                   </Stacks></R>";
        let stack = parse_stack(xml).unwrap();
        assert_eq!(
            (stack.status.as_str(), stack.changed.as_str()),
            ("CREATE_COMPLETE", "t")
        );
        assert_eq!(stack.outputs["ApiId"], "a1");
    }

    #[test]
    fn names_the_first_failure_of_the_last_operation() {
        let event = |id: &str, status: &str, reason: &str| {
            format!(
                "<member><LogicalResourceId>{id}</LogicalResourceId><ResourceType>T</ResourceType>\
                 <ResourceStatus>{status}</ResourceStatus><ResourceStatusReason>{reason}</ResourceStatusReason></member>"
            )
        };
        let events = [
            event("B", "CREATE_FAILED", "Resource creation cancelled"),
            event("A", "CREATE_FAILED", "no such thing"),
            event(STACK, "UPDATE_IN_PROGRESS", ""),
            event("Old", "CREATE_FAILED", "long ago"),
        ];
        let xml = format!("<R><StackEvents>{}</StackEvents></R>", events.concat());
        assert_eq!(parse_failure(&xml).unwrap(), "A (T): no such thing");
    }
}
