//! The organisations of a batch and their tables.

use crate::App;
use crate::failure::{Failure, guarded};
use crate::rules::Rules;
use aws_dynamodb::OrgTable;
use domain::organization::{OrgStatus, Organization};
use domain::{Grant, OrgId, ServiceError};
use futures::future::join_all;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Who acts, where no person or key does.
const ACTOR: &str = "ingest-worker";

/// Where an organisation's readings go.
#[derive(Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one a message at most, and hardly any that is gone"
)]
pub enum Home {
    /// Into this table, the organisation's `generation`th; with what the organisation has laid down, where that could be read.
    Open {
        table: OrgTable,
        generation: u32,
        rules: Arc<Result<Rules, Failure>>,
    },
    /// Nowhere any more.
    Gone,
}

/// The organisations' tables, read from the directory once for all.
pub async fn open(app: &App, orgs: &[OrgId]) -> Result<HashMap<OrgId, Home>, ServiceError> {
    let distinct: Vec<_> = orgs.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let found = app.directory.organizations(&distinct).await?;
    let mut homes: HashMap<_, _> = distinct.into_iter().map(|org| (org, Home::Gone)).collect();
    let mut in_use = Vec::new();
    for org in found {
        match org.status {
            // What was accepted before an organisation began to close is stored.
            OrgStatus::Active | OrgStatus::Closing => in_use.push(org),
            // Between two tables, or to be deleted, which can still be called off: its messages wait.
            OrgStatus::Provisioning | OrgStatus::Restoring | OrgStatus::Deleting => {
                homes.remove(&org.id);
            }
            OrgStatus::Failed | OrgStatus::Deleted => {}
        }
    }
    // A batch has a hundred messages, and so many organisations at most.
    let opened = join_all(in_use.into_iter().map(|org| open_one(app, org))).await;
    for opened in opened {
        homes.extend([opened?]);
    }
    Ok(homes)
}

async fn open_one(app: &App, org: Organization) -> Result<(OrgId, Home), ServiceError> {
    let grant = Grant::for_task(org.id, ACTOR.to_owned(), org.status, org.table);
    let table = app.tables.open(&grant);
    let table = table.map_err(|denied| ServiceError::Failed(denied.to_string()))?;
    let rules = Arc::new(guarded(Rules::of(&table)).await);
    let home = Home::Open {
        table,
        generation: org.generation,
        rules,
    };
    Ok((org.id, home))
}

/// Where that organisation's readings go.
pub fn of(homes: &Result<HashMap<OrgId, Home>, ServiceError>, org: OrgId) -> Result<Home, Failure> {
    let homes = homes
        .as_ref()
        .map_err(|error| Failure::Untried(format!("the directory cannot be read: {error}")))?;
    let home = homes.get(&org).cloned();
    home.ok_or_else(|| Failure::Untried("the organisation has no table at present".to_owned()))
}
