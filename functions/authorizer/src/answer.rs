//! The answer to API Gateway: a policy that allows one call, and the caller as its context.

use crate::refusal::Refusal;
use aws_lambda_events::event::apigw::{ApiGatewayCustomAuthorizerPolicy, ApiGatewayCustomAuthorizerResponse};
use aws_lambda_events::event::iam::{IamPolicyEffect, IamPolicyStatement};
use domain::Caller;
use domain::access::{Membership, Rights};
use domain::organization::Organization;
use std::collections::BTreeMap;

/// What API Gateway is answered. The context reaches the function as `requestContext.authorizer`.
pub type Answer = ApiGatewayCustomAuthorizerResponse<BTreeMap<String, String>>;

/// Allows exactly the call that was asked about.
pub(crate) fn allow(caller: &Caller, method_arn: Option<String>) -> Result<Answer, Refusal> {
    let method_arn = method_arn.ok_or_else(|| Refusal::Outage("the event names no method".to_owned()))?;
    let mut statement = IamPolicyStatement::default();
    statement.effect = IamPolicyEffect::Allow;
    statement.action = vec!["execute-api:Invoke".to_owned()];
    statement.resource = vec![method_arn];
    let mut policy = ApiGatewayCustomAuthorizerPolicy::default();
    policy.version = Some("2012-10-17".to_owned());
    policy.statement = vec![statement];
    let mut answer = Answer::default();
    answer.principal_id = Some(caller.principal.to_string());
    answer.policy_document = policy;
    let context = caller.to_context().into_iter();
    answer.context = context.map(|(name, value)| (name.to_owned(), value)).collect();
    Ok(answer)
}

/// A caller's place in the path's organisation: there is one only where the organisation exists and they have rights in it.
pub(crate) fn membership(org: Option<Organization>, rights: Option<Rights>) -> Option<Membership> {
    let (org, rights) = (org?, rights?);
    Some(Membership {
        org: org.id,
        status: org.status,
        table: org.table,
        maintenance: org.maintenance,
        rights,
    })
}
