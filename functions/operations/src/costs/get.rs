//! GET /v1/admin/costs: what AWS has billed, beside what was reckoned.

use super::estimate::{Estimate, Scenario};
use crate::{App, ByStaff};
use axum::extract::State;
use domain::costs::{Cost, Costs, Months};
use http_api::{Json, Problem, Query, Refusals};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Where what was billed is from.
const COST_EXPLORER: &str =
    "AWS Cost Explorer, GetCostAndUsage, UnblendedCost, by the tags Application=millwright, Stage and Organization";

/// As of which day.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichCosts {
    /// What was known on this day (UTC), or on the latest one before it that something is known of; today unless said.
    day: Option<Date>,
}

/// What AWS has billed, and what was reckoned.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CostsView {
    /// The month before the present one, whole.
    last_month: Period,
    /// The present month, up to the day that this was read on. On the first of a month it is empty.
    month_to_date: Period,
    /// What was billed is of this currency, what was reckoned is of dollars.
    currency: String,
    /// Whether AWS had no more to tell than was read.
    complete: bool,
    /// By service, the dearest first; then those that are only reckoned with.
    services: Vec<ServiceCosts>,
    /// By organisation, the dearest 100 first, then `others` together. Nobody reckons what a single organisation costs.
    organizations: Vec<OrganizationCosts>,
    /// What the estimates of a month suppose.
    scenarios: Vec<ScenarioView>,
}

/// From one day to another.
#[derive(Serialize, utoipa::ToSchema)]
struct Period {
    /// The first day.
    start: Date,
    /// The first day after it.
    end: Date,
}

/// What a service costs.
#[derive(Serialize, utoipa::ToSchema)]
struct ServiceCosts {
    /// The service, as AWS calls it.
    service: String,
    /// What was billed; `null` where AWS tells of nothing under the deployment's tags.
    billed: Option<Billed>,
    /// Dollars that a whole month was reckoned to cost, by scenario, less what AWS gives every account.
    #[schema(value_type = BTreeMap<String, f64>)]
    estimated: BTreeMap<String, f64>,
    /// Where the estimate is from.
    estimated_by: String,
}

/// What an organisation's table and stack cost.
#[derive(Serialize, utoipa::ToSchema)]
struct OrganizationCosts {
    /// Its id, as the tag says it; `null` for what is no organisation's, `others` for those that are not named.
    organization: Option<String>,
    billed: Billed,
}

/// What was billed.
#[derive(Serialize, utoipa::ToSchema)]
struct Billed {
    last_month: f64,
    month_to_date: f64,
    /// Where it is from.
    source: &'static str,
    /// When it was read there. AWS brings it up to date once a day at least.
    read_at: Timestamp,
}

/// What an estimate supposes.
#[derive(Serialize, utoipa::ToSchema)]
struct ScenarioView {
    /// What it is called.
    scenario: String,
    /// What it stands for.
    says: String,
    /// Dollars a month, less what AWS gives every account.
    estimated: f64,
}

/// What AWS has billed this month and the last, by service and by organisation, beside what a month was reckoned to cost; each line with its
/// source. It is read once a day. What bears no tag, such as requests of Cost Explorer itself, and what bears one of a name that is not activated for cost
/// allocation, is not in it. An estimate is of a whole month of its scenario, and not of what this deployment did. For staff.
#[utoipa::path(
    get, path = "/v1/admin/costs", operation_id = "getCosts", tag = "operations", params(WhichCosts),
    responses((status = 200, body = CostsView), Refusals),
    security(("bearer" = [])),
)]
pub async fn handler(
    _: ByStaff,
    State(app): State<App>,
    Query(which): Query<WhichCosts>,
) -> Result<Json<CostsView>, Problem> {
    let day = which
        .day
        .unwrap_or_else(|| app.source.now().to_zoned(TimeZone::UTC).date());
    let costs = app.directory.costs(&day.to_string()).await?;
    let costs = costs.ok_or_else(|| Problem::not_found("day by which costs were read"))?;
    Ok(Json(CostsView::new(costs, Estimate::read()?)))
}

impl CostsView {
    fn new(costs: Costs, estimate: Estimate) -> Self {
        let Months { last, present, until } = Months::until(costs.day);
        let read_at = costs.read_at;
        let organizations = costs.organizations.into_iter().map(|cost| OrganizationCosts {
            organization: Some(cost.name.clone()).filter(|name| !name.is_empty()),
            billed: Billed::of(&cost, read_at),
        });
        Self {
            last_month: Period {
                start: last,
                end: present,
            },
            month_to_date: Period {
                start: present,
                end: until,
            },
            currency: costs.currency,
            complete: costs.complete,
            services: services(&costs.services, read_at, &estimate),
            organizations: organizations.collect(),
            scenarios: estimate.scenarios.into_iter().map(ScenarioView::from).collect(),
        }
    }
}

/// The services that something was billed of, then those that are only reckoned with.
fn services(billed: &[Cost], read_at: Timestamp, estimate: &Estimate) -> Vec<ServiceCosts> {
    let known: BTreeSet<_> = billed.iter().map(|cost| &cost.name).collect();
    let reckoned: BTreeSet<_> = estimate.scenarios.iter().flat_map(|it| it.services.keys()).collect();
    let reckoned = reckoned.difference(&known).map(|service| (*service, None));
    let lines = billed.iter().map(|cost| (&cost.name, Some(Billed::of(cost, read_at))));
    let line = |(service, billed): (&String, Option<Billed>)| {
        let of = |scenario: &Scenario| Some((scenario.title.clone(), *scenario.services.get(service)?));
        ServiceCosts {
            service: service.clone(),
            billed,
            estimated: estimate.scenarios.iter().filter_map(of).collect(),
            estimated_by: format!("infra/bill, at AWS's prices of {}", estimate.prices_of),
        }
    };
    lines.chain(reckoned).map(line).collect()
}

impl Billed {
    fn of(cost: &Cost, read_at: Timestamp) -> Self {
        Self {
            last_month: cost.last_month,
            month_to_date: cost.month_to_date,
            source: COST_EXPLORER,
            read_at,
        }
    }
}

impl From<Scenario> for ScenarioView {
    fn from(scenario: Scenario) -> Self {
        let estimated: f64 = scenario.services.values().sum();
        Self {
            scenario: scenario.title,
            says: scenario.says,
            estimated: (estimated * 100.0).round() / 100.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_billed_and_what_is_reckoned_stand_side_by_side() {
        let cost = |name: &str, month_to_date| Cost {
            name: name.to_owned(),
            last_month: 1.0,
            month_to_date,
        };
        let costs = Costs {
            day: "2026-03-05".parse().unwrap(),
            read_at: Timestamp::UNIX_EPOCH,
            currency: "USD".to_owned(),
            complete: true,
            services: vec![cost("AWS Lambda", 2.0), cost("AWS Config", 0.5)],
            organizations: vec![cost("", 2.4), cost("org_1", 0.1)],
        };
        let scenario = |title: &str, lambda| Scenario {
            title: title.to_owned(),
            says: String::new(),
            services: [("AWS Lambda".to_owned(), lambda), ("AWS X-Ray".to_owned(), 0.25)].into(),
        };
        let estimate = Estimate {
            prices_of: "2025-06, us-east-1".to_owned(),
            scenarios: vec![scenario("idle", 0.0), scenario("busy", 7.5)],
        };
        let view = CostsView::new(costs, estimate);
        let lines: Vec<_> = view
            .services
            .iter()
            .map(|line| (line.service.as_str(), line.billed.is_some(), line.estimated.len()))
            .collect();
        assert_eq!(
            lines,
            [
                ("AWS Lambda", true, 2),
                ("AWS Config", true, 0),
                ("AWS X-Ray", false, 2)
            ]
        );
        assert_eq!(view.services[0].estimated["busy"], 7.5);
        assert_eq!(view.scenarios[1].estimated, 7.75);
        let named: Vec<_> = view
            .organizations
            .iter()
            .map(|line| line.organization.as_deref())
            .collect();
        assert_eq!(named, [None, Some("org_1")]);
        assert_eq!(
            (view.month_to_date.start.to_string(), view.month_to_date.end.to_string()),
            ("2026-03-01".to_owned(), "2026-03-05".to_owned())
        );
    }
}
