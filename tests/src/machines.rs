//! Machines: programs that sign with a role of AWS's.

use crate::{Answer, Api, Organization, answer, aws, unique};
use reqwest::Method;
use serde_json::{Value, json};

/// Temporary credentials of a new role: its name, and the id of the key.
pub async fn assumed_role() -> (String, String) {
    let role = unique("press");
    let trust = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "sts:AssumeRole" },
    ] });
    let trust = trust.to_string();
    let create = [
        ("RoleName", role.as_str()),
        ("Path", "/plant/"),
        ("AssumeRolePolicyDocument", trust.as_str()),
    ];
    aws::query("CreateRole", &create).await;
    let arn = format!("arn:aws:iam::000000000000:role/plant/{role}");
    let assumed = aws::query(
        "AssumeRole",
        &[("RoleArn", arn.as_str()), ("RoleSessionName", "line-4")],
    )
    .await
    .text;
    let key = assumed
        .split("<AccessKeyId>")
        .nth(1)
        .and_then(|rest| rest.split('<').next());
    (role, key.unwrap_or_else(|| panic!("{assumed}")).to_owned())
}

/// Asks for a session with those credentials.
pub async fn ask_machine_session(key: &str, org: &str) -> Answer {
    let signature = format!(
        "AWS4-HMAC-SHA256 Credential={key}/20260102/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=00"
    );
    let request = Api::anonymous().request(Method::POST, "/v1/m2m/sessions");
    answer(request.header("authorization", signature).json(&json!({ "org": org }))).await
}

/// Registers a machine with an AWS role.
pub async fn register_machine(acme: &Organization, role: &str, scopes: &[&str]) -> Value {
    let body = json!({ "name": "Press line", "account": "000000000000", "role_name": role, "scopes": scopes });
    acme.owner.api.post(&acme.path("/machines"), &body).await.expect(201)
}

/// A client in the session of a machine with these scopes.
pub async fn machine_session(org: &Organization, scopes: &[&str]) -> Api {
    let (role, key) = assumed_role().await;
    register_machine(org, &role, scopes).await;
    let session = ask_machine_session(&key, &org.id).await.expect(201);
    Api::anonymous().bearer(session["access_token"].as_str().unwrap_or_default())
}
