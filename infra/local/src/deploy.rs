//! Deploys the template through CloudFormation, as a pipeline would: upload, create or update, wait, read the outputs.

use std::collections::BTreeMap;
use std::fs;

use hyper::Method;

use crate::aws::{Aws, AwsError};
use crate::failure::{OrFail, Result};
use crate::package::{Package, hash};
use crate::progress::Progress;
use crate::stack::{self, Outputs, STAGE, Stack};
use crate::state::{Record, StateDir};
use crate::{paths, template};

const BUCKET: &str = "millwright-artifacts";

/// What is deployed beside the template itself.
#[derive(Clone, Copy)]
pub(crate) struct Deployment<'a> {
    /// The functions.
    pub packages: &'a [Package],
    /// Parameters beside those that every local cloud sets.
    pub parameters: &'a BTreeMap<String, String>,
}

/// Deploys the packages to the emulator, unless exactly these are deployed there already.
pub(crate) async fn deploy(
    aws: &Aws,
    state: &StateDir,
    port: u16,
    Deployment { packages, parameters }: Deployment<'_>,
    progress: Progress,
) -> Result<Outputs> {
    let contract = fs::read(paths::workspace().join("infra/openapi.json"));
    let contract = contract.or_fail("reading infra/openapi.json", "write it with cargo run -p contract")?;
    let template = located(packages, &contract)?;
    let fingerprint = hash(format!("{port} {parameters:?} {template}").as_bytes());
    let record = |stack: &Stack| Record {
        port,
        fingerprint: fingerprint.clone(),
        changed: stack.changed.clone(),
    };
    let before = stack::describe(aws).await?;
    if let Some(stack) = before
        .as_ref()
        .filter(|stack| stack.stands() && record(stack) == state.record())
    {
        return Ok(stack.outputs.clone());
    }
    let step = progress.step("Deploying");
    let address = upload(aws, packages, contract, template).await;
    let address = address.or_fail("uploading the packages", "run again with --reset")?;
    let stack = stack::apply(aws, before, &address, parameters).await?;
    tidy(aws, packages).await;
    state.set_record(&record(&stack))?;
    step.done("done");
    Ok(stack.outputs)
}

/// The template with the addresses of what [`upload`] uploads.
fn located(packages: &[Package], contract: &[u8]) -> Result<String> {
    let mut template = template::read()?;
    for (id, function) in template.functions()? {
        if let Some(package) = packages.iter().find(|package| package.function == function) {
            template.set_code(&id, &format!("s3://{BUCKET}/{}", package_key(package)));
        }
    }
    template.set_includes(&format!("s3://{BUCKET}/{}", contract_key(contract)));
    template.to_yaml()
}

fn package_key(package: &Package) -> String {
    format!("functions/{}/{}.zip", package.function, package.sha256)
}

fn contract_key(contract: &[u8]) -> String {
    format!("contract/{}.json", hash(contract))
}

/// Uploads what is not there yet; answers the template's address.
async fn upload(aws: &Aws, packages: &[Package], contract: Vec<u8>, template: String) -> Result<String, AwsError> {
    aws.create_bucket(BUCKET).await?;
    for package in packages {
        let key = package_key(package);
        if !aws.has_object(BUCKET, &key).await {
            let zip = tokio::fs::read(&package.zip)
                .await
                .map_err(|error| AwsError(error.to_string()))?;
            aws.put_object(BUCKET, &key, zip.into()).await?;
        }
    }
    aws.put_object(BUCKET, &contract_key(&contract), contract.into())
        .await?;
    let key = format!("templates/{}.yaml", hash(template.as_bytes()));
    aws.put_object(BUCKET, &key, template.into()).await?;
    Ok(format!("{}/{BUCKET}/{key}", aws.endpoint()))
}

/// Deletes what earlier deployments left behind. What it cannot delete costs room and nothing else.
async fn tidy(aws: &Aws, packages: &[Package]) {
    for key in aws.list_objects(BUCKET, "functions/").await.unwrap_or_default() {
        if !packages.iter().any(|package| package_key(package) == key) {
            let _ = aws.delete_object(BUCKET, &key).await;
        }
    }
    for package in packages {
        let _ = delete_old_versions(aws, &format!("millwright-{STAGE}-{}", package.function)).await;
    }
}

/// Deletes the versions `live` has left: each holds its package in the emulator's memory.
async fn delete_old_versions(aws: &Aws, function: &str) -> Result<(), AwsError> {
    let live = aws.lambda(Method::GET, &format!("{function}/aliases/live")).await?;
    let versions = aws.lambda(Method::GET, &format!("{function}/versions")).await?;
    for version in versions["Versions"].as_array().into_iter().flatten() {
        let number = version["Version"].as_str().unwrap_or("$LATEST");
        if number != "$LATEST" && live["FunctionVersion"] != number {
            aws.lambda(Method::DELETE, &format!("{function}?Qualifier={number}"))
                .await?;
        }
    }
    Ok(())
}
