//! `template.yaml` as it is deployed: with the places of the uploaded packages and contract, as `sam package` writes it.

use std::collections::BTreeMap;
use std::fs;

use yaml_serde::Value;

use crate::failure::{Failure, OrFail, Result};
use crate::paths;

const WHAT: &str = "reading template.yaml";
const MEND: &str = "mend the template";

/// The template, parsed; CloudFormation's short forms (`!Ref`) are tags.
pub(crate) struct Template(Value);

/// Reads the workspace's template.
pub(crate) fn read() -> Result<Template> {
    let text = fs::read_to_string(paths::workspace().join("template.yaml")).or_fail(WHAT, MEND)?;
    parse(&text)
}

fn parse(text: &str) -> Result<Template> {
    Ok(Template(yaml_serde::from_str(text).or_fail(WHAT, MEND)?))
}

impl Template {
    /// The functions: the binary of each logical id.
    pub(crate) fn functions(&self) -> Result<BTreeMap<String, String>> {
        let resources = self.0.get("Resources").and_then(Value::as_mapping);
        let mut functions = BTreeMap::new();
        for (id, resource) in resources.into_iter().flatten() {
            if resource.get("Type").and_then(Value::as_str) != Some("AWS::Serverless::Function") {
                continue;
            }
            let id = id.as_str().unwrap_or_default();
            let binary = resource
                .get("Metadata")
                .and_then(|metadata| metadata.get("BuildProperties"));
            let Some(binary) = binary
                .and_then(|properties| properties.get("Binary"))
                .and_then(Value::as_str)
            else {
                return Err(Failure::new(
                    WHAT,
                    format!("{id} has no Metadata.BuildProperties.Binary"),
                    "name its crate there",
                ));
            };
            functions.insert(id.to_owned(), binary.to_owned());
        }
        Ok(functions)
    }

    /// Puts a function's code at an address.
    pub(crate) fn set_code(&mut self, id: &str, address: &str) {
        if let Some(properties) = self
            .0
            .get_mut("Resources")
            .and_then(|all| all.get_mut(id)?.get_mut("Properties"))
        {
            properties["CodeUri"] = address.into();
        }
    }

    /// Puts the address `place` answers into every `AWS::Include`.
    pub(crate) fn set_includes(&mut self, address: &str) {
        set_includes(&mut self.0, address);
    }

    /// The template as CloudFormation takes it.
    pub(crate) fn to_yaml(&self) -> Result<String> {
        yaml_serde::to_string(&self.0).or_fail(WHAT, MEND)
    }
}

fn set_includes(value: &mut Value, address: &str) {
    match value {
        Value::Mapping(map) => {
            for (key, value) in map.iter_mut() {
                let include = value.get("Name").and_then(Value::as_str) == Some("AWS::Include");
                if key.as_str() == Some("Fn::Transform") && include {
                    value["Parameters"]["Location"] = address.into();
                } else {
                    set_includes(value, address);
                }
            }
        }
        Value::Sequence(items) => items.iter_mut().for_each(|item| set_includes(item, address)),
        Value::Tagged(tagged) => set_includes(&mut tagged.value, address),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_binary_of_every_function() {
        let functions = read().unwrap().functions().unwrap();
        assert_eq!(functions["IngestWorkerFunction"], "ingest-worker");
        assert_eq!(
            functions.len(),
            fs::read_dir(paths::workspace().join("functions")).unwrap().count()
        );
    }

    #[test]
    fn writes_addresses_and_keeps_short_forms() {
        let mut template = parse(
            "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {Role: !GetAtt R.Arn}\n  A:\n    \
             Properties:\n      DefinitionBody:\n        Fn::Transform:\n          Name: AWS::Include\n          \
             Parameters: {Location: infra/openapi.json}\n",
        )
        .unwrap();
        template.set_code("F", "s3://b/f.zip");
        template.set_includes("s3://b/api.json");
        let yaml = template.to_yaml().unwrap();
        for expected in ["CodeUri: s3://b/f.zip", "Location: s3://b/api.json", "!GetAtt R.Arn"] {
            assert!(yaml.contains(expected), "{yaml}");
        }
        assert!(template.functions().unwrap_err().to_string().contains("F has no"));
    }
}
