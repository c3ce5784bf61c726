//! CloudFormation: the stacks that the system creates at run time, one an organisation. Nothing here waits: ask for the status again later.
//!
//! The only crate that names `aws-sdk-cloudformation`.

use aws_config::SdkConfig;
use aws_errors::failed;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::ProvideErrorMetadata;
use aws_sdk_cloudformation::types::{Parameter, StackEvent, Tag};
use domain::ServiceError;
use std::fmt::Debug;

/// The stacks of this account and region.
#[derive(Clone)]
pub struct Stacks {
    client: Client,
}

/// A stack as it shall be.
pub struct NewStack<'a> {
    /// Its name.
    pub name: &'a str,
    /// The template's text.
    pub template: &'a str,
    /// The template's parameters.
    pub parameters: &'a [(&'a str, &'a str)],
    /// Tags on the stack and on what it creates.
    pub tags: &'a [(&'a str, &'a str)],
    /// The role that CloudFormation takes on for it; the caller's own without.
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
    /// An update was rolled back: it is in use as it was before.
    RolledBack {
        /// Why, as far as CloudFormation tells.
        reason: String,
    },
    /// Not created, or stuck.
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
        let call = self
            .client
            .create_stack()
            .stack_name(stack.name)
            .template_body(stack.template);
        let call = call
            .set_parameters(Some(stack.parameters()))
            .set_tags(Some(stack.tags()));
        let call = call
            .set_role_arn(stack.role.map(str::to_owned))
            .client_request_token(stack.token);
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("AlreadyExistsException") => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    /// Begins to bring a stack to another template or other parameters; `false` where it has them already. One whose update fails is rolled
    /// back to what it was ([`StackStatus::RolledBack`]).
    pub async fn update(&self, stack: NewStack<'_>) -> Result<bool, ServiceError> {
        let call = self
            .client
            .update_stack()
            .stack_name(stack.name)
            .template_body(stack.template);
        let call = call
            .set_parameters(Some(stack.parameters()))
            .set_tags(Some(stack.tags()));
        let call = call
            .set_role_arn(stack.role.map(str::to_owned))
            .client_request_token(stack.token);
        match call.send().await {
            Ok(_) => Ok(true),
            // The same request came before.
            Err(error) if error.code() == Some("TokenAlreadyExistsException") => Ok(true),
            // CloudFormation has no error of its own for this (AWS "UpdateStack").
            Err(error)
                if error
                    .message()
                    .is_some_and(|text| text.contains("No updates are to be performed")) =>
            {
                Ok(false)
            }
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
            StackStatus::RolledBack { reason } => StackStatus::RolledBack {
                reason: self.first_failure(name).await.unwrap_or(reason),
            },
            status => status,
        }))
    }

    /// What failed first in the latest operation, in CloudFormation's words: the stack itself says only that it was rolled back. Events come
    /// newest first.
    async fn first_failure(&self, name: &str) -> Option<String> {
        let answer = self.client.describe_stack_events().stack_name(name).send().await;
        let events = answer.ok()?.stack_events.unwrap_or_default();
        let latest = events.into_iter().take_while(|event| !begins(event, name));
        let failed = |event: &StackEvent| status(event).ends_with("_FAILED");
        let event = latest.filter(failed).last()?;
        let resource = event.logical_resource_id.unwrap_or_default();
        Some(format!("{resource}: {}", event.resource_status_reason?))
    }
}

impl NewStack<'_> {
    fn parameters(&self) -> Vec<Parameter> {
        let parameter =
            |(key, value): &(&str, &str)| Parameter::builder().parameter_key(*key).parameter_value(*value).build();
        self.parameters.iter().map(parameter).collect()
    }

    fn tags(&self) -> Vec<Tag> {
        let tag = |(key, value): &(&str, &str)| Tag::builder().key(*key).value(*value).build();
        self.tags.iter().map(tag).collect()
    }
}

/// Whether an operation on the stack of that name begins with it.
fn begins(event: &StackEvent, name: &str) -> bool {
    let begun = ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"];
    event.logical_resource_id.as_deref() == Some(name) && begun.contains(&status(event))
}

fn status(event: &StackEvent) -> &str {
    event.resource_status.as_ref().map_or("", |status| status.as_str())
}

fn status_of(name: &str, reason: &str) -> StackStatus {
    match name {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" => StackStatus::Complete,
        "UPDATE_ROLLBACK_COMPLETE" => StackStatus::RolledBack {
            reason: reason.to_owned(),
        },
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
    use aws_sdk_cloudformation::types::ResourceStatus;

    #[test]
    fn an_operation_begins_with_an_event_of_the_stack_itself() {
        let event = |resource: &str, status| {
            StackEvent::builder()
                .logical_resource_id(resource)
                .resource_status(status)
                .build()
        };
        assert!(begins(&event("org-1", ResourceStatus::UpdateInProgress), "org-1"));
        assert!(!begins(&event("Table", ResourceStatus::UpdateInProgress), "org-1"));
        assert!(!begins(
            &event("org-1", ResourceStatus::UpdateRollbackInProgress),
            "org-1"
        ));
    }

    #[test]
    fn every_status_says_what_to_do_next() {
        let status = |name| status_of(name, "");
        assert_eq!(status("CREATE_IN_PROGRESS"), StackStatus::InProgress);
        assert_eq!(status("CREATE_COMPLETE"), StackStatus::Complete);
        assert_eq!(status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"), StackStatus::InProgress);
        let rolled_back = status_of("UPDATE_ROLLBACK_COMPLETE", "too many indexes");
        assert_eq!(
            rolled_back,
            StackStatus::RolledBack {
                reason: "too many indexes".into()
            }
        );
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
