//! Posting: to a webhook, signed as Standard Webhooks says, and to a channel of Slack.

use super::{NotDone, message, time};
use crate::App;
use domain::OrgId;
use domain::filter::webhook::{WebhookSecret, WebhookUrl};
use domain::filter::{Act, Sealed};
use domain::seal::Purpose;
use domain::task::Task;
use serde_json::json;
use webhooks::{NotPosted, Post};

/// Answers that say "not now" (RFC 9110 sections 15.5.9 and 15.6, RFC 8470 section 5.2, RFC 6585 section 4).
const LATER: [u16; 3] = [408, 425, 429];

pub(super) async fn webhook(
    app: &App,
    task: &Task,
    (org, act): (OrgId, &Act),
    url: &WebhookUrl,
) -> Result<(), NotDone> {
    let secret = match &act.secret {
        Some(sealed) => WebhookSecret::parse(&opened(app, org, sealed).await?),
        None => None,
    };
    let secret = secret.ok_or_else(unreadable)?;
    let (id, timestamp, body) = (
        task.id.to_string(),
        app.source.now().as_second(),
        message((org, act)).to_string(),
    );
    let signature = secret.sign(&id, timestamp, &body);
    let headers = vec![
        ("webhook-id", id),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signature),
    ];
    post(app, url, Post { headers, body }).await
}

pub(super) async fn slack(app: &App, (org, act): (OrgId, &Act), url: &Sealed) -> Result<(), NotDone> {
    let url = opened(app, org, url).await?;
    let url: WebhookUrl = serde_json::from_value(json!(url)).map_err(|_| unreadable())?;
    let fired = &act.fired;
    let text = format!(
        "`{}` of `{}` went from *{}* to *{}* with {} at {}",
        act.variable,
        act.device,
        fired.from,
        fired.to,
        fired.value,
        time(act)
    );
    let (headers, body) = (Vec::new(), json!({ "text": text }).to_string());
    post(app, &url, Post { headers, body }).await
}

/// A secret that was sealed for this organisation.
async fn opened(app: &App, org: OrgId, sealed: &Sealed) -> Result<String, NotDone> {
    let sealer = app.sealing.sealer().await?;
    let opened = sealer.open::<(OrgId, String)>(Purpose::Filter, sealed.as_str());
    let (_, text) = opened.filter(|(of, _)| *of == org).ok_or_else(unreadable)?;
    Ok(text)
}

fn unreadable() -> NotDone {
    NotDone::Refused("its secret can no longer be read: set the filter anew".to_owned())
}

async fn post(app: &App, url: &WebhookUrl, post: Post) -> Result<(), NotDone> {
    let refused = |why: String| Err(NotDone::Refused(why));
    match app.poster.post(url, post).await {
        Ok(200..300) => Ok(()),
        Ok(status) if status >= 500 || LATER.contains(&status) => Err(NotDone::Silent(domain::ServiceError::Busy(
            format!("answered {status}"),
        ))),
        Ok(status @ 300..400) => refused(format!(
            "its receiver answered {status}, and redirects are not followed"
        )),
        Ok(status) => refused(format!("its receiver answered {status}")),
        Err(NotPosted::Forbidden(why)) => refused(why.to_owned()),
        Err(NotPosted::Busy(error)) => Err(NotDone::Silent(error)),
    }
}
