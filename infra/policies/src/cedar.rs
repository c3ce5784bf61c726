//! The policies as Cedar evaluates them.

use crate::line::at_rest;
use anyhow::{Context as _, Result, bail, ensure};
use cedar_policy::{
    Authorizer, Context, Decision as Answer, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicyId,
    PolicySet, Request, RestrictedExpression, Schema, ValidationMode, Validator,
};
use domain::Permission;
use domain::access::decision::{Act, Case, Decision, Holder, Visitor};
use domain::maintenance::Mode;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// The annotation by which a policy that forbids says for what reason.
const REFUSAL: &str = "refusal";

/// The policies, validated against their schema.
pub struct Cedar {
    schema: Schema,
    policies: PolicySet,
    /// The roles, and the actions in their groups.
    always: Entities,
}

impl Cedar {
    /// Reads a folder of policies and their schema. Whatever Cedar's validator (strict) or its warnings find is an error.
    pub fn read(folder: &Path) -> Result<Self> {
        let schema = std::fs::read_to_string(folder.join("schema.cedarschema"))?;
        let (schema, warnings) = Schema::from_cedarschema_str(&schema)?;
        let warnings: Vec<_> = warnings.map(|warning| warning.to_string()).collect();
        ensure!(warnings.is_empty(), "the schema: {warnings:?}");
        let mut files: Vec<_> = std::fs::read_dir(folder)?
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<_>>()?;
        files.retain(|path| path.extension().is_some_and(|end| end == "cedar"));
        files.sort();
        let mut policies = PolicySet::new();
        for path in files {
            add(&mut policies, &path).with_context(|| path.display().to_string())?;
        }
        let result = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        ensure!(result.validation_passed_without_warnings(), "{result}");
        let roles = Holder::MEMBERS
            .iter()
            .map(|role| Ok(Entity::with_uid(uid("Role", role.as_str())?)));
        let always = schema
            .action_entities()?
            .add_entities(roles.collect::<Result<Vec<_>>>()?, None)?;
        Ok(Self {
            schema,
            policies,
            always,
        })
    }

    /// Decides about a permission where exactly `given` were given by name. (Of the case, `given` says what the table is asked.)
    pub fn decide(&self, permission: Permission, case: Case, given: &[Permission]) -> Result<Decision> {
        // Who does not hold it when nothing stands in the way is told so, whatever else stands there.
        match self.ask(permission, at_rest(case.holder, case.given), given)? {
            Decision::Allow => self.ask(permission, case, given),
            _ => Ok(Decision::Lacks),
        }
    }

    fn ask(&self, permission: Permission, case: Case, given: &[Permission]) -> Result<Decision> {
        let principal = member_or_program(case.holder, given)?;
        let organization = [
            ("status", text(case.status.as_str())),
            ("maintenance", text(case.maintenance.as_str())),
        ];
        let organization = entity("Organization", organization, [])?;
        let asked = Context::from_pairs([
            ("permission".to_owned(), text(permission.as_str())),
            ("changes".to_owned(), RestrictedExpression::new_bool(case.changes)),
        ])?;
        self.answer(principal, permission.as_str(), organization, asked)
    }

    /// Decides about an act on the deployment as a whole.
    pub fn decide_act(&self, act: Act, visitor: Visitor, maintenance: Mode) -> Result<Decision> {
        match self.ask_act(act, visitor, Mode::None)? {
            Decision::Allow => self.ask_act(act, visitor, maintenance),
            _ => Ok(Decision::Lacks),
        }
    }

    fn ask_act(&self, act: Act, visitor: Visitor, maintenance: Mode) -> Result<Decision> {
        let person = |staff| entity("Person", [("staff", RestrictedExpression::new_bool(staff))], []);
        let principal = match visitor {
            Visitor::Staff => person(true)?,
            Visitor::Person => person(false)?,
            Visitor::Key => member_or_program(Holder::Key, &[])?,
            Visitor::Machine => member_or_program(Holder::Machine, &[])?,
            Visitor::Device => member_or_program(Holder::Device, &[])?,
        };
        let deployment = entity("Deployment", [("maintenance", text(maintenance.as_str()))], [])?;
        self.answer(principal, act.as_str(), deployment, Context::empty())
    }

    fn answer(&self, principal: Entity, action: &str, resource: Entity, context: Context) -> Result<Decision> {
        let action = uid("Action", action)?;
        let (who, what) = (principal.uid(), resource.uid());
        // Attributes need no check by the schema: only this file writes them.
        let entities = self.always.clone().add_entities([principal, resource], None)?;
        let request = Request::new(who, action, what, context, Some(&self.schema))?;
        let response = Authorizer::new().is_authorized(&request, &self.policies, &entities);
        let errors: Vec<_> = response.diagnostics().errors().map(ToString::to_string).collect();
        ensure!(errors.is_empty(), "{request}: {errors:?}");
        let refusals: HashSet<_> = response
            .diagnostics()
            .reason()
            .map(|policy| self.policies.annotation(policy, REFUSAL).unwrap_or_default())
            .collect();
        Ok(match response.decision() {
            Answer::Allow => Decision::Allow,
            Answer::Deny if refusals.is_empty() => Decision::Lacks,
            Answer::Deny if refusals.contains("state") => Decision::State,
            Answer::Deny if refusals.contains("maintenance") => Decision::Maintenance,
            Answer::Deny => bail!("{request}: the policy that forbids it says no reason (@{REFUSAL})"),
        })
    }
}

/// Adds the policies of a file, each named by the file and its place in it.
fn add(policies: &mut PolicySet, path: &Path) -> Result<()> {
    let parsed: PolicySet = std::fs::read_to_string(path)?.parse()?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    for (place, policy) in parsed.policies().enumerate() {
        policies.add(policy.new_id(PolicyId::new(format!("{name}#{place}"))))?;
    }
    Ok(())
}

fn member_or_program(holder: Holder, given: &[Permission]) -> Result<Entity> {
    let given = || RestrictedExpression::new_set(given.iter().map(|permission| text(permission.as_str())));
    match holder {
        Holder::Key => entity("ApiKey", [("scopes", given())], []),
        Holder::Machine => entity("Machine", [("scopes", given())], []),
        Holder::Device => entity("Device", [], []),
        role => entity("Member", [("given", given())], [uid("Role", role.as_str())?]),
    }
}

fn entity<const A: usize, const P: usize>(
    kind: &str,
    attributes: [(&str, RestrictedExpression); A],
    parents: [EntityUid; P],
) -> Result<Entity> {
    let attributes: HashMap<_, _> = attributes
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    Ok(Entity::new(uid(kind, "x")?, attributes, parents.into_iter().collect())?)
}

fn uid(kind: &str, id: &str) -> Result<EntityUid> {
    let kind: EntityTypeName = kind.parse()?;
    Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}

fn text(value: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(value.to_owned())
}
