//! The secrets of a filter: sealed under the deployment's key and for its organisation, before they are stored anywhere.

use crate::App;
use domain::filter::webhook::WebhookSecret;
use domain::filter::{FilterErrors, NewFilter, Rules, Sealed, SetFilter};
use domain::reading::VariableName;
use domain::seal::{Purpose, Sealer};
use domain::{OrgId, Source};
use http_api::Problem;

/// A filter that can be run, with the secret of its webhooks: sealed, and in clear where it is new.
pub struct Parsed {
    pub filter: domain::filter::Filter,
    pub secret: Option<Sealed>,
    pub shown: Option<String>,
}

/// Parses a filter of a variable. Webhooks go on being signed with the secret from before, unless there was none or another is asked for.
pub async fn parse(
    app: &App,
    org: OrgId,
    (variable, body): (&VariableName, NewFilter),
    before: Option<&SetFilter>,
) -> Result<Parsed, Problem> {
    let sealer = match body.needs_sealing() {
        true => Some(app.sealing.sealer().await?),
        false => None,
    };
    let seal = |text: &str| sealed(sealer?, org, text, &app.source);
    let rules = Rules {
        variable,
        plain_hosts: &app.plain_hosts,
        seal: &seal,
    };
    let anew = body.new_webhook_secret;
    let filter = body.parse(&rules).map_err(problem)?;
    let kept = before.and_then(|set| set.secret.clone()).filter(|_| !anew);
    if !filter.signs() || kept.is_some() {
        let secret = kept.filter(|_| filter.signs());
        return Ok(Parsed {
            filter,
            secret,
            shown: None,
        });
    }
    let shown = WebhookSecret::new(&app.source).reveal();
    let secret = seal(&shown).ok_or_else(|| Problem::internal("a webhook's secret cannot be sealed"))?;
    Ok(Parsed {
        filter,
        secret: Some(secret),
        shown: Some(shown),
    })
}

fn sealed(sealer: &Sealer, org: OrgId, text: &str, source: &Source) -> Option<Sealed> {
    let sealed = sealer.seal(Purpose::Filter, &(org, text), source);
    sealed.ok().map(Sealed::new)
}

fn problem(FilterErrors(errors): FilterErrors) -> Problem {
    let mut errors = errors.into_iter();
    let Some((pointer, detail)) = errors.next() else {
        return Problem::internal("a filter is wrong, and nothing of it");
    };
    errors.fold(Problem::field(pointer, detail), |problem, (pointer, detail)| {
        problem.and(pointer, detail)
    })
}
