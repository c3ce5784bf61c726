//! The deployed stack: created or updated, waited for, described, and asked why it failed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::aws::{Aws, AwsError};
use crate::failure::{Failure, OrFail, Result};
use crate::xml;

const STACK: &str = "millwright-local";
/// The deployment's name, part of every resource's.
pub(crate) const STAGE: &str = "local";
/// Where mail comes from; the emulator's SES takes it for verified, and sends nothing out.
pub(crate) const SENDER: &str = "notices@millwright.example";
const WHAT: &str = "deploying template.yaml";
const MEND: &str = "mend the template or the contract and run again";
const FINISH_WITHIN: Duration = Duration::from_secs(300);

/// What the deployed stack says about itself, by output name.
pub(crate) type Outputs = BTreeMap<String, String>;

/// A stack as CloudFormation describes it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stack {
    status: String,
    /// When it last changed.
    pub changed: String,
    /// Its outputs.
    pub outputs: Outputs,
}

impl Stack {
    /// Whether it stands, if perhaps as it was before an update that failed.
    pub(crate) fn stands(&self) -> bool {
        self.status.ends_with("_COMPLETE")
    }
}

/// Creates or updates the stack from the template at an address, and waits until it stands.
pub(crate) async fn apply(
    aws: &Aws,
    before: Option<Stack>,
    template: &str,
    parameters: &BTreeMap<String, String>,
) -> Result<Stack> {
    let exists = match before {
        Some(stack) if never_stood(&stack.status) => {
            remove(aws).await?;
            false
        }
        stack => stack.is_some(),
    };
    let action = if exists { "UpdateStack" } else { "CreateStack" };
    let request = request(template, aws.endpoint(), parameters);
    let request: Vec<_> = request
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    match aws.cloudformation(action, &request).await {
        Err(AwsError(message)) if message.contains("No updates") => {}
        answer => answer.map(drop).or_fail(WHAT, MEND)?,
    }
    match finished(aws).await? {
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

fn request(template: &str, endpoint: &str, parameters: &BTreeMap<String, String>) -> Vec<(String, String)> {
    // The processor the functions were just built for.
    let architecture = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x86_64"
    };
    let own = [
        ("Stage", STAGE),
        ("Architecture", architecture),
        ("JwksBaseUrl", endpoint),
        ("LogRetentionDays", "1"),
        // The emulator knows only patterns of terms that must all be there.
        ("ErrorPattern", "ERROR"),
        // Nor does it reckon with metrics.
        ("QuotaAlarms", "disabled"),
        // And bills nobody.
        ("CostExplorerUrl", ""),
        ("SenderAddress", SENDER),
        // Whoever calls a local cloud calls from one network.
        ("NetworkRequestsPerMinute", "60000"),
    ];
    let more = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let parameters = own.into_iter().chain(more).enumerate().flat_map(|(n, (name, value))| {
        let member = |part| format!("Parameters.member.{}.Parameter{part}", n + 1);
        [(member("Key"), name.to_owned()), (member("Value"), value.to_owned())]
    });
    let request = [
        ("StackName", STACK),
        ("TemplateURL", template),
        ("Capabilities.member.1", "CAPABILITY_NAMED_IAM"),
        ("Capabilities.member.2", "CAPABILITY_AUTO_EXPAND"),
    ];
    let request = request.map(|(name, value)| (name.to_owned(), value.to_owned()));
    request.into_iter().chain(parameters).collect()
}

/// Waits until nothing is in progress; nothing when the stack is gone.
async fn finished(aws: &Aws) -> Result<Option<Stack>> {
    let started = Instant::now();
    loop {
        let stack = describe(aws).await?;
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

/// The stack as it stands now; nothing when there is none.
pub(crate) async fn describe(aws: &Aws) -> Result<Option<Stack>> {
    match aws.cloudformation("DescribeStacks", &[("StackName", STACK)]).await {
        Ok(xml) => Ok(parse_stack(&xml)),
        Err(AwsError(message)) if message.contains("does not exist") => Ok(None),
        Err(error) => Err(error).or_fail(WHAT, MEND),
    }
}

fn parse_stack(xml: &str) -> Option<Stack> {
    let status = xml::text(xml, "StackStatus")?;
    let changed = xml::text(xml, "LastUpdatedTime")
        .or_else(|| xml::text(xml, "CreationTime"))
        .unwrap_or_default();
    let keys = xml::texts(xml, "OutputKey");
    Some(Stack {
        status,
        changed,
        outputs: keys.into_iter().zip(xml::texts(xml, "OutputValue")).collect(),
    })
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
    let mut first = None;
    // Newest first, so the last one seen is the first of the newest operation.
    for event in document.descendants().filter(|node| node.tag_name().name() == "member") {
        let (id, status) = (
            xml::child(event, "LogicalResourceId"),
            xml::child(event, "ResourceStatus"),
        );
        if id == STACK && matches!(status, "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS") {
            break;
        }
        let reason = xml::child(event, "ResourceStatusReason");
        if status.ends_with("_FAILED") && !reason.contains("cancelled") {
            first = Some(format!("{id} ({}): {reason}", xml::child(event, "ResourceType")));
        }
    }
    first
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
