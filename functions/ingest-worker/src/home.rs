//! The organisations of a batch and their tables.

use crate::App;
use crate::failure::Failure;
use aws_dynamodb::OrgTable;
use domain::organization::{OrgStatus, Organization};
use domain::{Grant, OrgId, ServiceError};
use std::collections::{BTreeSet, HashMap};

/// Who acts, where no person or key does.
const ACTOR: &str = "ingest-worker";

/// Where an organisation's readings go.
#[derive(Clone)]
pub enum Home {
    /// Into this table, the organisation's `generation`th.
    Open { table: OrgTable, generation: u32 },
    /// Nowhere any more.
    Gone,
}

/// The organisations' tables, read from the directory once for all.
pub async fn open(app: &App, orgs: &[OrgId]) -> Result<HashMap<OrgId, Home>, ServiceError> {
    let distinct: Vec<_> = orgs.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let found = app.directory.organizations(&distinct).await?;
    let mut homes: HashMap<_, _> = distinct.into_iter().map(|org| (org, Home::Gone)).collect();
    for org in found {
        match org.status {
            // What was accepted before an organisation began to close is stored.
            OrgStatus::Active | OrgStatus::Closing => {
                homes.insert(org.id, open_one(app, org)?);
            }
            // Between two tables, or to be deleted, which can still be called off: its messages wait.
            OrgStatus::Provisioning | OrgStatus::Restoring | OrgStatus::Deleting => {
                homes.remove(&org.id);
            }
            OrgStatus::Failed | OrgStatus::Deleted => {}
        }
    }
    Ok(homes)
}

fn open_one(app: &App, org: Organization) -> Result<Home, ServiceError> {
    let grant = Grant::for_task(org.id, ACTOR.to_owned(), org.status, org.table);
    let table = app.tables.open(&grant);
    let table = table.map_err(|denied| ServiceError::Failed(denied.to_string()))?;
    Ok(Home::Open {
        table,
        generation: org.generation,
    })
}

/// Where that organisation's readings go.
pub fn of(homes: &Result<HashMap<OrgId, Home>, ServiceError>, org: OrgId) -> Result<Home, Failure> {
    let homes = homes
        .as_ref()
        .map_err(|error| Failure::Untried(format!("the directory cannot be read: {error}")))?;
    let home = homes.get(&org).cloned();
    home.ok_or_else(|| Failure::Untried("the organisation has no table at present".to_owned()))
}
