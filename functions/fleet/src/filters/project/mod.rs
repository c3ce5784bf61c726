//! Filters of a project, one a variable.

pub mod delete;
pub mod get;
pub mod put;

use super::Place;
use aws_dynamodb::{FilterOf, OrgTable};
use domain::ProjectId;
use domain::reading::VariableName;
use http_api::Problem;

/// The place of a filter of a project that must be there.
async fn place<'a>(table: &OrgTable, project: ProjectId, variable: &'a VariableName) -> Result<Place<'a>, Problem> {
    crate::projects::existing(table, project).await?;
    let of = FilterOf::Project(project);
    Ok(Place { of, variable })
}
