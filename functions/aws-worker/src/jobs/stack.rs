//! The stacks of organisations: one for each generation of an organisation's table.

use super::{Step, Wait};
use crate::App;
use aws_cloudformation::{NewStack, StackStatus};
use domain::ServiceError;
use domain::id::Id;
use domain::organization::Organization;
use domain::task::Task;
use serde_json::{Value, json};
use std::time::Duration;

/// What is created for each organisation.
const TEMPLATE: &str = include_str!("../../../../infra/stacks/organization.yaml");
/// Deleting a table takes some seconds.
const LOOK_AGAIN: Duration = Duration::from_secs(3);

/// The stack of one generation of an organisation's table, at a schema version.
pub(super) struct Stack<'a> {
    app: &'a App,
    name: String,
    org: String,
    schema: String,
}

/// What the stack and the table of an organisation's generation are called.
pub(super) fn stack_name(app: &App, org: &Organization, generation: u32) -> String {
    let ulid = org.id.ulid().to_string().to_lowercase();
    format!("{}{ulid}-{generation}", app.deployment.table_prefix)
}

/// What the table is called by way of which a generation is restored.
pub(super) fn restored_table(app: &App, org: &Organization, generation: u32) -> String {
    format!("{}-restore", stack_name(app, org, generation))
}

/// A client request token. CloudFormation takes one for one operation, so each run of a task has one for each thing that it asks for.
pub(super) fn token(task: &Task, what: &str) -> String {
    let id = task.id.to_string().replace('_', "-");
    format!("{id}-{what}-{}", task.run_at.as_second())
}

impl<'a> Stack<'a> {
    pub(super) fn new(app: &'a App, org: &Organization, generation: u32, schema: u32) -> Self {
        Self {
            app,
            name: stack_name(app, org, generation),
            org: org.id.to_string(),
            schema: schema.to_string(),
        }
    }

    /// Begins to create it.
    pub(super) async fn create(&self, token: &str) -> Result<(), ServiceError> {
        let (parameters, tags) = (self.parameters(), self.tags());
        self.app.stacks.create(self.request(&parameters, &tags, token)).await
    }

    /// Begins to bring it to the schema version; `false` where it is there.
    pub(super) async fn update(&self, token: &str) -> Result<bool, ServiceError> {
        let (parameters, tags) = (self.parameters(), self.tags());
        self.app.stacks.update(self.request(&parameters, &tags, token)).await
    }

    fn parameters(&self) -> [(&str, &str); 5] {
        [
            ("TableName", &self.name),
            ("Stage", &self.app.deployment.stage),
            ("Organization", &self.org),
            ("SchemaVersion", &self.schema),
            ("KmsKeyArn", &self.app.deployment.kms_key),
        ]
    }

    fn tags(&self) -> [(&str, &str); 4] {
        [
            ("Application", "millwright"),
            ("Stage", &self.app.deployment.stage),
            ("Organization", &self.org),
            ("CostCentre", &self.app.deployment.cost_centre),
        ]
    }

    fn request<'b>(
        &'b self,
        parameters: &'b [(&'b str, &'b str)],
        tags: &'b [(&'b str, &'b str)],
        token: &'b str,
    ) -> NewStack<'b> {
        NewStack {
            name: &self.name,
            template: TEMPLATE,
            parameters,
            tags,
            role: self.app.deployment.stack_role.as_deref(),
            token,
        }
    }
}

/// Deletes what there is of a generation: the stack with its table, and the table by way of which it was being restored. What is left to
/// wait for; none when nothing is left.
pub(super) async fn clear(
    app: &App,
    task: &Task,
    org: &Organization,
    generation: u32,
) -> Result<Option<Step>, ServiceError> {
    let name = stack_name(app, org, generation);
    let asked = json!({ "asked_in_attempt": task.attempts, "generation": generation });
    match app.stacks.status(&name).await? {
        Some(StackStatus::InProgress) => Ok(Some(Step::wait(LOOK_AGAIN))),
        // This attempt has asked for the deletion before: it did not come about.
        Some(StackStatus::Failed { reason }) if task.state.as_ref() == Some(&asked) => {
            Err(ServiceError::Failed(format!("{name}: {reason}")))
        }
        None | Some(StackStatus::Deleted) => clear_restored(app, org, generation).await,
        // A creation that was rolled back leaves a stack to delete as well.
        Some(_) => delete(app, task, &name, asked).await.map(Some),
    }
}

async fn delete(app: &App, task: &Task, name: &str, asked: Value) -> Result<Step, ServiceError> {
    let role = app.deployment.stack_role.as_deref();
    let (_, generation) = name.rsplit_once('-').unwrap_or_default();
    // Of its own for each attempt as well: a deletion that failed is asked for again.
    let token = token(task, &format!("delete-{generation}-{}", task.attempts));
    app.stacks.delete(name, role, &token).await?;
    Ok(Step::Wait(Wait {
        delay: LOOK_AGAIN,
        state: Some(asked),
        progress: None,
    }))
}

async fn clear_restored(app: &App, org: &Organization, generation: u32) -> Result<Option<Step>, ServiceError> {
    // The first generation was never restored.
    if generation == 1 || app.tables.delete_table(&restored_table(app, org, generation)).await? {
        return Ok(None);
    }
    Ok(Some(Step::wait(LOOK_AGAIN)))
}

#[cfg(test)]
mod tests {
    use super::TEMPLATE;
    use domain::organization::SCHEMA;

    #[test]
    fn the_template_has_the_schema_versions_that_organisations_are_brought_to() {
        let versions: Vec<_> = (1..=SCHEMA).collect();
        let parameter = TEMPLATE.split("  SchemaVersion:\n").nth(1).unwrap();
        let parameter = parameter.split("\n\n").next().unwrap();
        assert!(
            parameter.contains(&format!("AllowedValues: {versions:?}\n")),
            "{parameter}"
        );
        assert!(parameter.contains(&format!("Default: {SCHEMA}")), "{parameter}");
        for version in &versions[1..] {
            assert!(TEMPLATE.contains(&format!("  From{version}: ")), "no condition");
            assert!(TEMPLATE.contains(&format!("[From{version}, ")), "nothing depends on it");
        }
        assert!(!TEMPLATE.contains(&format!("From{}", SCHEMA + 1)));
    }
}
