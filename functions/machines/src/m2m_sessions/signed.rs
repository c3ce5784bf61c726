//! Who signed a request, as API Gateway found once it had checked the signature (`AWS_IAM`): no header that a caller can set.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::machine::AssumedRole;
use http_api::{Kind, Problem};
use lambda_http::request::RequestContext;

/// The role that signed.
pub struct Signed(pub AssumedRole);

impl<S: Sync> FromRequestParts<S> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(RequestContext::ApiGatewayV1(context)) = parts.extensions.get::<RequestContext>() else {
            return Err(Problem::internal("the request did not come through API Gateway"));
        };
        let identity = &context.identity;
        let role: Option<AssumedRole> = identity.user_arn.as_deref().and_then(|arn| arn.parse().ok());
        // The account as API Gateway tells it beside the ARN: both must say the same.
        let same = |role: &AssumedRole| identity.account_id.as_deref() == Some(role.account.to_string().as_str());
        role.filter(same).map(Self).ok_or_else(|| {
            let detail = "This is for assumed roles of AWS: sign with a role's temporary credentials, not as a user or as the account.";
            Problem::new(Kind::Forbidden, detail)
        })
    }
}
