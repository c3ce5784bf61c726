"""Writes template.yaml as SAM expands it and CloudFormation resolves its conditions, for checks that know neither.

usage: expand.py OUTPUT. The parameters are those of a deployment to production, below. What infra/cdk/suppressions.json says of checkov's rules goes
into the metadata of the resources that it names.
"""
import json
import logging
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
CODE = "s3://code/function.zip"
# As the CDK app sets them for production, with examples of what it makes.
PRODUCTION = {
    "Stage": "prod",
    "Waf": "enabled",
    "KmsKeyArn": "arn:aws:kms:eu-central-1:333333333333:key/00000000-0000-0000-0000-000000000000",
    "AccessLogBucket": "access-logs",
    "UserPoolTier": "PLUS",
    "GradualDeployment": "true",
    "JournalArchiveMode": "COMPLIANCE",
    "ReservedConcurrency": "50",
    "SubnetIds": "subnet-00000000",
    "SecurityGroupIds": "sg-00000000",
    "OperationsEmail": "operations@example.com",
}
# It tells of features that are none of ours.
logging.disable(logging.ERROR)
os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")

from samtranslator.translator.transform import transform  # noqa: E402, it wants a region
from samtranslator.yaml_helper import yaml_parse  # noqa: E402


class NoManagedPolicies:
    """The template names none, so that IAM has not to be asked for their ARNs."""

    def load(self):
        return {}


class Conditions:
    """The template's conditions for these parameters, and what is left of a value once they are met or not."""

    def __init__(self, template, parameters):
        self.template, self.parameters = template, parameters

    def met(self, condition):
        (kind, value), = condition.items()
        match kind:
            case "Condition":
                return self.met(self.template["Conditions"][value])
            case "Fn::Not":
                return not self.met(value[0])
            case "Fn::And":
                return all(map(self.met, value))
            case "Fn::Or":
                return any(map(self.met, value))
            case "Fn::Equals":
                first, second = (self.parameters[it["Ref"]] if isinstance(it, dict) else it for it in value)
                return str(first) == str(second)
        raise ValueError(kind)

    def resolved(self, value):
        if isinstance(value, list):
            return [it for it in map(self.resolved, value) if it != NO_VALUE]
        if not isinstance(value, dict):
            return value
        if set(value) == {"Fn::If"}:
            name, yes, no = value["Fn::If"]
            return self.resolved(yes if self.met({"Condition": name}) else no)
        if set(value) == {"Ref"} and value["Ref"] in self.parameters:
            return self.parameters[value["Ref"]]
        resolved = {name: self.resolved(it) for name, it in value.items()}
        return {name: it for name, it in resolved.items() if it != NO_VALUE}

    def there(self, entries):
        """Those of resources or outputs whose condition is met."""
        kept = {name: it for name, it in entries.items() if "Condition" not in it or self.met({"Condition": it["Condition"]})}
        return {name: {key: self.resolved(it) for key, it in entry.items() if key != "Condition"} for name, entry in kept.items()}


NO_VALUE = {"Ref": "AWS::NoValue"}


def expanded():
    template = yaml_parse((ROOT / "template.yaml").read_text())
    template["Globals"]["Function"]["CodeUri"] = CODE
    parameters = {name: parameter.get("Default") for name, parameter in template["Parameters"].items()} | PRODUCTION
    template = transform(template, parameters, NoManagedPolicies())
    conditions = Conditions(template, parameters)
    resources, outputs = conditions.there(template["Resources"]), conditions.there(template["Outputs"])
    return {"Parameters": template["Parameters"], "Resources": resources, "Outputs": outputs}


def skip(template, suppressions):
    for suppression in suppressions:
        if not suppression["rule"].startswith("CKV"):
            continue
        for name in suppression["resources"]:
            metadata = template["Resources"][name].setdefault("Metadata", {})
            skipped = metadata.setdefault("checkov", {}).setdefault("skip", [])
            skipped.append({"id": suppression["rule"], "comment": suppression["reason"]})


def main():
    template = expanded()
    skip(template, json.loads((ROOT / "infra/cdk/suppressions.json").read_text()))
    output = Path(sys.argv[1])
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(template, indent=1, sort_keys=True, default=str))


main()
