//! The API's resource policy. Inside a VPC, without one a private API answers nobody: it lets in what comes through the endpoints of the template's
//! parameter. Open to the internet, there is one only where other accounts' machines may sign in: API Gateway takes their signatures only where
//! both the role's own policy and this one allow it. What it allows still meets the authorizer, or IAM, on every route that has one:
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html>.

use serde_json::{Value, json};

/// The policy of each kind of site, by the template's conditions.
pub(super) fn of_the_api() -> Value {
    let policy =
        |condition| json!({ "Version": "2012-10-17", "Statement": [everything_allowed(condition), machines_alone()] });
    let of_endpoints =
        json!({ "StringEquals": { "aws:SourceVpce": { "Fn::Split": [",", { "Ref": "VpcEndpointIds" }] } } });
    let nothing = json!({ "Ref": "AWS::NoValue" });
    let open = json!({ "Fn::If": ["OwnMachinesAlone", nothing, policy(&nothing)] });
    json!({ "Fn::If": ["InVpc", policy(&of_endpoints), open] })
}

fn everything_allowed(condition: &Value) -> Value {
    json!({
        "Effect": "Allow",
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*",
        "Condition": condition,
    })
}

/// Keeps all but the admitted accounts from asking for sessions of machines, before a function is started for them.
fn machines_alone() -> Value {
    let admitted = json!({ "Fn::If": [
        "OwnMachinesAlone",
        [{ "Ref": "AWS::AccountId" }],
        { "Fn::Split": [" ", { "Ref": "MachineAccounts" }] },
    ] });
    json!({
        "Effect": "Deny",
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*/POST/v1/m2m/sessions",
        "Condition": { "StringNotEquals": { "aws:PrincipalAccount": admitted } },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The policy of a site: what CloudFormation makes of it, its conditions being true or not.
    fn at(site: &[&str]) -> Value {
        fn resolved(value: &Value, site: &[&str]) -> Value {
            match value {
                Value::Array(items) => items.iter().map(|item| resolved(item, site)).collect(),
                Value::Object(members) => match members.get("Fn::If") {
                    Some(cases) => {
                        let holds = site.contains(&cases[0].as_str().unwrap());
                        resolved(&cases[if holds { 1 } else { 2 }], site)
                    }
                    None => members
                        .iter()
                        .map(|(name, value)| (name.clone(), resolved(value, site)))
                        .filter(|(_, value)| value["Ref"] != "AWS::NoValue")
                        .collect(),
                },
                other => other.clone(),
            }
        }
        resolved(&of_the_api(), site)
    }

    fn admitted(policy: &Value) -> &Value {
        let deny = &policy["Statement"][1];
        assert_eq!(
            (&deny["Effect"], &deny["Resource"]),
            (&json!("Deny"), &json!("execute-api:/*/POST/v1/m2m/sessions"))
        );
        &deny["Condition"]["StringNotEquals"]["aws:PrincipalAccount"]
    }

    #[test]
    fn each_kind_of_site_lets_in_its_own_machines() {
        let named = json!({ "Fn::Split": [" ", { "Ref": "MachineAccounts" }] });
        let own = json!([{ "Ref": "AWS::AccountId" }]);

        assert_eq!(at(&["OwnMachinesAlone"]), json!({ "Ref": "AWS::NoValue" }));

        let open = at(&[]);
        assert_eq!(open["Statement"][0]["Effect"], "Allow");
        assert_eq!(open["Statement"][0].get("Condition"), None);
        assert_eq!(admitted(&open), &named);

        for (site, accounts) in [(&["InVpc"] as &[_], named), (&["InVpc", "OwnMachinesAlone"], own)] {
            let inside = at(site);
            let endpoints = &inside["Statement"][0]["Condition"]["StringEquals"]["aws:SourceVpce"];
            assert_eq!(endpoints["Fn::Split"][1]["Ref"], "VpcEndpointIds");
            assert_eq!(admitted(&inside), &accounts);
        }
    }
}
