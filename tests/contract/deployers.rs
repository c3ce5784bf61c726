//! Those who deploy: what they can give away is what the template gives its roles, and nothing that they can do leads beyond it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use yaml_serde::Value;

const ACCOUNT: &str = "111111111111";

fn read(path: &str) -> Value {
    let text = fs::read_to_string(format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    yaml_serde::from_str(&text).unwrap()
}

/// A text as it stands once deployed: pseudo parameters have values, and references the ARN of what infra/deployers.yaml names.
fn text(value: &Value) -> String {
    let (tag, inside) = match value {
        Value::Tagged(tagged) => (tagged.tag.to_string(), &tagged.value),
        other => (String::new(), other),
    };
    let arn = |kind: &str, name: &str| format!("arn:aws:iam::{ACCOUNT}:{kind}/{name}");
    match (tag.trim_start_matches('!'), inside.as_str().unwrap_or_default()) {
        ("Ref", "Boundary") => arn("policy", "boundary-of-millwright"),
        ("Ref", "AWS::AccountId") => ACCOUNT.to_owned(),
        ("GetAtt", "DeploymentRole.Arn") => arn("role", "deployment-of-millwright"),
        (_, other) => other
            .replace("${AWS::Partition}", "aws")
            .replace("${AWS::AccountId}", ACCOUNT),
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Sequence(items) => items.iter().map(text).collect(),
        one => vec![text(one)],
    }
}

/// The statements of a policy, those under conditions of the template included.
fn statements(document: &Value) -> Vec<Value> {
    let each = document["Statement"].as_sequence().into_iter().flatten();
    let each = each.flat_map(|statement| match statement {
        Value::Tagged(tagged) => tagged.value.as_sequence().cloned().unwrap_or_default(),
        other => vec![other.clone()],
    });
    each.filter(Value::is_mapping).collect()
}

fn policy(deployers: &Value, name: &str) -> Vec<Value> {
    statements(&deployers["Resources"][name]["Properties"]["PolicyDocument"])
}

fn allowed(statements: &[Value]) -> BTreeSet<String> {
    let allowing = statements.iter().filter(|statement| statement["Effect"] == "Allow");
    allowing.flat_map(|statement| texts(&statement["Action"])).collect()
}

/// Everything that the template's policies allow anybody.
fn granted(template: &Value) -> BTreeSet<String> {
    let resources = template["Resources"].as_mapping().unwrap().values();
    let documents = resources.flat_map(|resource| {
        let properties = &resource["Properties"];
        match resource["Type"].as_str().unwrap() {
            "AWS::IAM::ManagedPolicy" => vec![properties["PolicyDocument"].clone()],
            "AWS::IAM::Role" => {
                let own = properties["Policies"].as_sequence().into_iter().flatten();
                own.map(|policy| policy["PolicyDocument"].clone()).collect()
            }
            _ => Vec::new(),
        }
    });
    documents.flat_map(|document| allowed(&statements(&document))).collect()
}

#[test]
fn the_boundary_is_what_the_template_grants_and_nothing_else() {
    let (template, deployers) = (read("template.yaml"), read("infra/deployers.yaml"));
    let (granted, within) = (granted(&template), allowed(&policy(&deployers, "Boundary")));
    let beyond: Vec<_> = granted.difference(&within).collect();
    assert!(beyond.is_empty(), "granted, and outside the boundary: {beyond:?}");
    let idle: Vec<_> = within.difference(&granted).collect();
    assert!(idle.is_empty(), "within the boundary, and granted to nobody: {idle:?}");
}

#[test]
fn every_role_of_the_template_takes_the_boundary() {
    let template = read("template.yaml");
    let bound: Value = yaml_serde::from_str("!If [HasBoundary, !Ref PermissionsBoundary, !Ref AWS::NoValue]").unwrap();
    let resources = template["Resources"].as_mapping().unwrap().iter();
    let roles: Vec<_> = resources
        .filter(|(_, resource)| resource["Type"] == "AWS::IAM::Role")
        .collect();
    assert!(roles.len() >= 19, "{}", roles.len());
    for (id, role) in roles {
        assert_eq!(role["Properties"]["PermissionsBoundary"], bound, "{id:?}");
    }
    for stack in fs::read_dir(format!("{}/../infra/stacks", env!("CARGO_MANIFEST_DIR"))).unwrap() {
        let text = fs::read_to_string(stack.unwrap().path()).unwrap();
        assert!(
            !text.contains("AWS::IAM::Role"),
            "a stack of run time makes a role: hand it the boundary"
        );
    }
}

/// Whether a pattern of IAM's, with `*` for anything, matches a text.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<_> = parts.collect();
    let Some((last, between)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in between {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// A call as IAM sees it, with the keys of its context.
struct Call<'c>(&'c str, String, &'c [(&'c str, &'c str)]);

impl Call<'_> {
    fn meets(&self, statement: &Value) -> bool {
        let Self(action, resource, _) = self;
        let acts = texts(&statement["Action"]).iter().any(|it| matches(it, action));
        acts && texts(&statement["Resource"]).iter().any(|it| matches(it, resource)) && self.holds(statement)
    }

    fn holds(&self, statement: &Value) -> bool {
        let conditions = statement.get("Condition").and_then(Value::as_mapping);
        conditions.into_iter().flatten().all(|(operator, keys)| {
            let operator = operator.as_str().unwrap();
            keys.as_mapping().unwrap().iter().all(|(key, wanted)| {
                let given = self
                    .2
                    .iter()
                    .find(|(name, _)| Some(*name) == key.as_str())
                    .map(|(_, value)| *value);
                match (operator, given) {
                    ("StringEqualsIfExists", None) => true,
                    ("StringEquals" | "StringEqualsIfExists", Some(given)) => {
                        texts(wanted).iter().any(|it| it == given)
                    }
                    ("ArnLike" | "StringLike", Some(given)) => texts(wanted).iter().any(|it| matches(it, given)),
                    ("StringEquals" | "ArnLike" | "StringLike", None) => false,
                    (other, _) => panic!("{other}: an operator that this test does not know"),
                }
            })
        })
    }

    /// Whether policies let it pass: something allows it, and nothing denies it.
    fn passes(&self, policies: &[Value]) -> bool {
        let met = |effect: &str| policies.iter().any(|it| it["Effect"] == effect && self.meets(it));
        met("Allow") && !met("Deny")
    }
}

fn iam(kind: &str, name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{kind}/{name}")
}

#[test]
fn nobody_who_deploys_makes_a_role_beyond_the_boundary() {
    let deployers = read("infra/deployers.yaml");
    let role = ["DeployRoles", "DeployData", "DeployFunctions"]
        .map(|name| policy(&deployers, name))
        .concat();
    let (boundary, own) = (
        iam("policy", "boundary-of-millwright"),
        iam("role", "millwright-dev-FleetRole-1A2B"),
    );
    let bound = [("iam:PermissionsBoundary", boundary.as_str())];
    let other = [("iam:PermissionsBoundary", "arn:aws:iam::aws:policy/AdministratorAccess")];
    let admin = [
        bound[0],
        ("iam:PolicyARN", "arn:aws:iam::aws:policy/AdministratorAccess"),
    ];
    let basics = iam("policy", "millwright-dev-FunctionBasics-3C4D");
    let attach = [bound[0], ("iam:PolicyARN", basics.as_str())];
    let to_lambda = [("iam:PassedToService", "lambda.amazonaws.com")];
    let to_ec2 = [("iam:PassedToService", "ec2.amazonaws.com")];
    let itself = iam("role", "deployment-of-millwright");
    for (call, passes) in [
        (Call("iam:CreateRole", own.clone(), &bound), true),
        (Call("iam:PutRolePolicy", own.clone(), &bound), true),
        (Call("iam:AttachRolePolicy", own.clone(), &attach), true),
        (Call("iam:PutRolePermissionsBoundary", own.clone(), &bound), true),
        (Call("iam:PassRole", own.clone(), &to_lambda), true),
        (Call("iam:CreatePolicyVersion", basics.clone(), &[]), true),
        // Without the boundary, or with another.
        (Call("iam:CreateRole", own.clone(), &[]), false),
        (Call("iam:CreateRole", own.clone(), &other), false),
        (Call("iam:CreateRole", iam("role", "mine"), &bound), false),
        (Call("iam:PutRolePolicy", own.clone(), &[]), false),
        (Call("iam:AttachRolePolicy", own.clone(), &admin), false),
        (Call("iam:PutRolePermissionsBoundary", own.clone(), &other), false),
        (Call("iam:DeleteRolePermissionsBoundary", own.clone(), &bound), false),
        (Call("iam:PassRole", own.clone(), &to_ec2), false),
        // The boundary itself, and what deploys.
        (Call("iam:CreatePolicyVersion", boundary.clone(), &[]), false),
        (Call("iam:DeletePolicy", boundary.clone(), &[]), false),
        (Call("iam:SetDefaultPolicyVersion", boundary.clone(), &[]), false),
        (
            Call("iam:CreatePolicyVersion", iam("policy", "deployers-of-millwright"), &[]),
            false,
        ),
        (
            Call(
                "iam:CreatePolicyVersion",
                iam("policy", "deployment-of-millwright-roles"),
                &[],
            ),
            false,
        ),
        (Call("iam:PutRolePolicy", itself.clone(), &bound), false),
        (Call("iam:UpdateAssumeRolePolicy", itself.clone(), &[]), false),
        (Call("iam:PassRole", itself, &to_lambda), false),
        // Ways around roles.
        (Call("iam:CreateUser", iam("user", "millwright-x"), &bound), false),
        (Call("iam:CreateAccessKey", iam("user", "millwright-x"), &[]), false),
        (Call("sts:AssumeRole", own, &[]), false),
        // Data.
        (
            Call(
                "dynamodb:GetItem",
                format!("arn:aws:dynamodb:eu-central-1:{ACCOUNT}:table/millwright-dev-directory"),
                &[],
            ),
            false,
        ),
        (
            Call(
                "s3:GetObject",
                "arn:aws:s3:::millwright-dev-1/exports/x".to_owned(),
                &[],
            ),
            false,
        ),
        (
            Call(
                "secretsmanager:GetSecretValue",
                format!("arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:millwright-dev/session-key-1"),
                &[],
            ),
            false,
        ),
    ] {
        assert_eq!(call.passes(&role), passes, "{} on {} with {:?}", call.0, call.1, call.2);
    }
}

#[test]
fn people_deploy_by_the_role_alone() {
    let people = policy(&read("infra/deployers.yaml"), "Deployers");
    let role = iam("role", "deployment-of-millwright");
    let stack = format!("arn:aws:cloudformation:eu-central-1:{ACCOUNT}:stack/millwright-dev/1");
    let (by_role, by_mine) = (
        [("cloudformation:RoleArn", role.as_str())],
        [("cloudformation:RoleArn", "arn:aws:iam::1:role/mine")],
    );
    let to = [("iam:PassedToService", "cloudformation.amazonaws.com")];
    for (call, passes) in [
        (Call("cloudformation:CreateChangeSet", stack.clone(), &by_role), true),
        (Call("cloudformation:CreateChangeSet", stack, &by_mine), false),
        (Call("iam:PassRole", role.clone(), &to), true),
        (Call("iam:PassRole", role.clone(), &[]), false),
        (
            Call("iam:PassRole", iam("role", "millwright-dev-FleetRole-1A2B"), &to),
            false,
        ),
        (
            Call("iam:CreateRole", iam("role", "millwright-dev-FleetRole-1A2B"), &[]),
            false,
        ),
    ] {
        assert_eq!(
            call.passes(&people),
            passes,
            "{} on {} with {:?}",
            call.0,
            call.1,
            call.2
        );
    }
}

/// Characters that a managed policy can have, white space left out (AWS "IAM and AWS STS quotas").
const MOST: usize = 6_144;

#[test]
fn policies_name_each_action_and_fit_in_iams_bounds() {
    let deployers = read("infra/deployers.yaml");
    let mut sizes = BTreeMap::new();
    for (id, resource) in deployers["Resources"].as_mapping().unwrap() {
        if resource["Type"] != "AWS::IAM::ManagedPolicy" {
            continue;
        }
        let id = id.as_str().unwrap();
        let statements = policy(&deployers, id);
        for action in allowed(&statements) {
            assert!(!action.contains('*'), "{id}: {action}");
        }
        // As JSON, with what each statement has beside its actions and resources.
        let parts = statements.iter().flat_map(|statement| {
            let texts = [texts(&statement["Action"]), texts(&statement["Resource"])].concat();
            texts.into_iter().map(|it| it.len() + 3)
        });
        sizes.insert(id.to_owned(), parts.sum::<usize>() + statements.len() * 120);
    }
    assert_eq!(sizes.len(), 5);
    assert!(sizes.values().all(|size| *size <= MOST), "{sizes:?}");
}
