//! CloudFormation: the stacks that the system creates at run time, one an organisation. Nothing here waits: ask for the status again later.
//!
//! The only crate that names `aws-sdk-cloudformation`.

use aws_config::SdkConfig;
use aws_errors::failed;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::ProvideErrorMetadata;
use aws_sdk_cloudformation::types::{Parameter, Tag};
use domain::ServiceError;
use std::fmt::Debug;

/// The stacks of this account and region.
#[derive(Clone)]
pub struct Stacks {
    client: Client,
}

/// A stack to create.
pub struct NewStack<'a> {
    /// Its name.
    pub name: &'a str,
    /// The template's text.
    pub template: &'a str,
    /// The template's parameters.
    pub parameters: &'a [(&'a str, &'a str)],
    /// Tags on the stack and on what it creates.
    pub tags: &'a [(&'a str, &'a str)],
    /// The role that CloudFormation takes on to create it; the caller's own without.
    pub role: Option<&'a str>,
    /// Makes a repeated request the same request.
    pub token: &'a str,
}

/// Where a stack is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StackStatus {
    /// Something is going on.
    InProgress,
    /// Created, or updated.
    Complete,
    /// Rolled back, or stuck.
    Failed {
        /// Why, as far as CloudFormation tells.
        reason: String,
    },
    /// Gone.
    Deleted,
}

impl Stacks {
    /// The stacks that this configuration reaches.
    pub fn new(aws: &SdkConfig) -> Self {
        Self {
            client: Client::new(aws),
        }
    }

    /// Begins to create a stack. One of that name that exists already is as good. One that fails is rolled back and stays, so that
    /// whoever asks for its status hears of the failure, and not that there is no such stack.
    pub async fn create(&self, stack: NewStack<'_>) -> Result<(), ServiceError> {
        let parameter =
            |(key, value): &(&str, &str)| Parameter::builder().parameter_key(*key).parameter_value(*value).build();
        let tag = |(key, value): &(&str, &str)| Tag::builder().key(*key).value(*value).build();
        let call = self
            .client
            .create_stack()
            .stack_name(stack.name)
            .template_body(stack.template);
        let call = call.set_parameters(Some(stack.parameters.iter().map(parameter).collect()));
        let call = call.set_tags(Some(stack.tags.iter().map(tag).collect()));
        let call = call
            .set_role_arn(stack.role.map(str::to_owned))
            .client_request_token(stack.token);
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("AlreadyExistsException") => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    /// Begins to delete a stack. One that does not exist is deleted already.
    pub async fn delete(&self, name: &str, role: Option<&str>, token: &str) -> Result<(), ServiceError> {
        let call = self
            .client
            .delete_stack()
            .stack_name(name)
            .set_role_arn(role.map(str::to_owned));
        call.client_request_token(token).send().await.map_err(failed)?;
        Ok(())
    }

    /// Where a stack is; `None` when there is none of that name.
    pub async fn status(&self, name: &str) -> Result<Option<StackStatus>, ServiceError> {
        let answer = match self.client.describe_stacks().stack_name(name).send().await {
            Ok(answer) => answer,
            // CloudFormation has no error of its own for this (AWS "DescribeStacks").
            Err(error) if error.message().is_some_and(|text| text.contains("does not exist")) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let Some(stack) = answer.stacks.unwrap_or_default().into_iter().next() else {
            return Ok(None);
        };
        let status = stack.stack_status.map(|status| status.as_str().to_owned());
        let status = status_of(
            &status.unwrap_or_default(),
            &stack.stack_status_reason.unwrap_or_default(),
        );
        Ok(Some(match status {
            StackStatus::Failed { reason } => StackStatus::Failed {
                reason: self.first_failure(name).await.unwrap_or(reason),
            },
            status => status,
        }))
    }

    /// What failed first, in CloudFormation's words: the stack itself says only that it was rolled back. Events come newest first.
    async fn first_failure(&self, name: &str) -> Option<String> {
        let answer = self.client.describe_stack_events().stack_name(name).send().await;
        let events = answer.ok()?.stack_events.unwrap_or_default();
        let event = events.into_iter().rev().find(|event| {
            let status = event.resource_status.as_ref();
            status.is_some_and(|status| status.as_str().ends_with("_FAILED"))
        })?;
        let resource = event.logical_resource_id.unwrap_or_default();
        Some(format!("{resource}: {}", event.resource_status_reason?))
    }
}

fn status_of(name: &str, reason: &str) -> StackStatus {
    match name {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "UPDATE_ROLLBACK_COMPLETE" | "IMPORT_COMPLETE" => StackStatus::Complete,
        "DELETE_COMPLETE" => StackStatus::Deleted,
        _ if name.ends_with("_IN_PROGRESS") => StackStatus::InProgress,
        _ => StackStatus::Failed {
            reason: format!("{name}: {reason}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_says_what_to_do_next() {
        let status = |name| status_of(name, "");
        assert_eq!(status("CREATE_IN_PROGRESS"), StackStatus::InProgress);
        assert_eq!(status("CREATE_COMPLETE"), StackStatus::Complete);
        assert_eq!(status("DELETE_COMPLETE"), StackStatus::Deleted);
        for stuck in [
            "ROLLBACK_COMPLETE",
            "CREATE_FAILED",
            "DELETE_FAILED",
            "UPDATE_ROLLBACK_FAILED",
        ] {
            assert!(matches!(status(stuck), StackStatus::Failed { .. }), "{stuck}");
        }
    }
}
