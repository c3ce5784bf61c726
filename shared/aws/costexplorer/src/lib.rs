//! Cost Explorer: what AWS has billed for a deployment.
//!
//! One call of one operation (AWS Billing and Cost Management API Reference, "GetCostAndUsage"; JSON 1.1), signed and sent here. `aws-sdk-costexplorer`
//! would bring some sixty operations, which every build would compile, for this one; the library that signs is in each function anyway.
//! **Each request costs 0.01 dollars**, so that a page is as much as is asked for at a time, and nothing is asked again here.

mod answer;
mod request;

use answer::Page;
use aws_config::SdkConfig;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use domain::costs::{Billed, Months};
use domain::{ServiceError, Source};
use http_body_util::{BodyExt, Limited};
use std::time::Duration;

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(8);
/// Largest answer that is read: a line of a page is some 200 bytes.
const LARGEST: usize = 4 * 1024 * 1024;

/// Cost Explorer, as one deployment asks it.
#[derive(Clone)]
pub struct CostExplorer {
    url: String,
    stage: String,
    credentials: Option<SharedCredentialsProvider>,
    connector: SharedHttpConnector,
    source: Source,
}

impl CostExplorer {
    /// Asks for that stage's costs at that URL, over the connections of the function.
    pub fn new(
        aws: &SdkConfig,
        connector: SharedHttpConnector,
        (url, stage): (String, String),
        source: &Source,
    ) -> Self {
        Self {
            url,
            stage,
            credentials: aws.credentials_provider(),
            connector,
            source: source.clone(),
        }
    }

    /// What was billed in those months under the deployment's tags, by month, service and organisation: at most so many pages, and whether that is all.
    pub async fn billed(&self, months: Months, pages: u32) -> Result<(Vec<Billed>, bool), ServiceError> {
        let (mut billed, mut next) = (Vec::new(), None);
        for _ in 0..pages {
            let page = self.page(&request::body(months, &self.stage, next.as_deref())).await?;
            billed.extend(page.billed()?);
            next = page.next;
            if next.is_none() {
                return Ok((billed, true));
            }
        }
        Ok((billed, false))
    }

    async fn page(&self, body: &str) -> Result<Page, ServiceError> {
        let credentials = self.credentials.as_ref().ok_or_else(|| failed("no credentials"))?;
        let credentials = credentials.provide_credentials().await.map_err(failed)?;
        let request = request::signed((&self.url, body), credentials, self.source.now().into())?;
        let answered = tokio::time::timeout(TIMEOUT, self.send(request)).await;
        answered.unwrap_or_else(|_| Err(ServiceError::of(None, format!("no answer in {TIMEOUT:?}"))))
    }

    async fn send(&self, request: HttpRequest) -> Result<Page, ServiceError> {
        let called = self.connector.call(request).await;
        let response: HttpResponse = called.map_err(|error| ServiceError::of(None, format!("{error:?}")))?;
        let (good, after) = (response.status().is_success(), aws_errors::retry_after(&response));
        let body = Limited::new(response.into_body(), LARGEST).collect().await;
        let body = body.map_err(|error| ServiceError::of(None, error))?.to_bytes();
        match good {
            true => serde_json::from_slice(&body).map_err(failed),
            false => Err(answer::refusal(&body).retry_after(after)),
        }
    }
}

fn failed(why: impl std::fmt::Display) -> ServiceError {
    ServiceError::Failed(format!("Cost Explorer: {why}"))
}

#[cfg(test)]
mod tests;
