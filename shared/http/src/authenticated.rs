//! The caller, from the authorizer's context.

use crate::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::Caller;
use lambda_http::request::RequestContext;

/// Who calls. Every route with the authorizer in front takes this first.
pub struct Authenticated(pub Caller);

impl<S: Sync> FromRequestParts<S> for Authenticated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(RequestContext::ApiGatewayV1(context)) = parts.extensions.get::<RequestContext>() else {
            return Err(Problem::internal("the request did not come through API Gateway"));
        };
        let fields = &context.authorizer.fields;
        Caller::from_context(|name| fields.get(name).and_then(|value| value.as_str()))
            .map(Self)
            .ok_or_else(|| Problem::internal("the authorizer's context names no caller"))
    }
}
