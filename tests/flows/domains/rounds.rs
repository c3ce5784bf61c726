//! The daily look for the records: a week that passes in a moment, since a test moves its beginning in the table.

use super::{DIRECTORY, asked_for, at, comes_back_to_nothing, get, record, role, until_role, verified};
use domain::task::TaskKind;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Organization, aws, dns, now};

async fn round() -> Value {
    tests::round("check-domains", TaskKind::CheckDomains).await
}

#[tokio::test]
async fn a_domain_whose_record_is_gone_for_a_week_is_verified_no_more() {
    let acme = Organization::new("Acme").await;
    let domain = verified(&acme, "viewer").await;
    let (found, tag) = get(&acme, &domain).await;
    let (name, value) = record(&found);
    round().await;
    assert_eq!(
        get(&acme, &domain).await,
        (found.clone(), tag.clone()),
        "nothing to write"
    );

    // A server that fails says nothing about the record.
    dns::break_down(&name);
    let result = round().await;
    assert!(result["unanswered"].as_u64().unwrap() >= 1, "{result}");
    assert_eq!(get(&acme, &domain).await.1, tag);

    dns::withdraw(&name);
    let result = round().await;
    assert!(result["missing"].as_u64().unwrap() >= 1, "{result}");
    let (found, _) = get(&acme, &domain).await;
    assert!(
        found["missing_since"].is_string() && found["status"] == "verified",
        "{found}"
    );
    let mail = aws::mail_to(&acme.owner.email, "is missing that proves").await;
    assert!(mail.contains(&domain) && mail.contains(&value), "{mail}");
    let bea = at(&domain, "Bea").await;
    until_role(&bea, &acme, "viewer").await;
    dns::publish(&name, &[&value]);
    round().await;
    assert_eq!(get(&acme, &domain).await.0["missing_since"], Value::Null);

    dns::publish(&name, &["millwright-verification=somebody-elses"]);
    round().await;
    let row = (format!("ORG#{}", acme.id), format!("DOMAIN#{domain}"));
    let begun = now() - SignedDuration::from_hours(7 * 24);
    let back = json!({ ":at": begun });
    aws::update(DIRECTORY, (&row.0, &row.1), "SET missing_since = :at", &back).await;
    let result = round().await;
    assert!(result["lapsed"].as_u64().unwrap() >= 1, "{result}");
    let (found, _) = get(&acme, &domain).await;
    assert_eq!(
        (&found["status"], &found["verified_at"]),
        (&json!("pending"), &Value::Null)
    );
    aws::mail_to(&acme.owner.email, "has been missing for seven days").await;
    assert_eq!(role(&bea, &acme).await.as_deref(), Some("viewer"), "members stay");
    let cy = at(&domain, "Cy").await;
    assert_eq!(asked_for(&cy).await, 0);
    comes_back_to_nothing(&cy, &acme).await;
    assert_eq!(
        aws::partition(DIRECTORY, &format!("DOMAIN#{domain}")).await,
        [Value::Null; 0]
    );
    told_in_the_journal(&acme, &domain).await;
}

async fn told_in_the_journal(acme: &Organization, domain: &str) {
    let path = acme.path(&format!("/journal?resource={domain}"));
    let entries = acme.owner.api.get(&path).await.expect(200);
    let entries = entries["items"].as_array().unwrap().iter().rev();
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    let told = entries.map(|entry| (text(entry, "actor"), text(entry, "action"), text(entry, "reason")));
    let own = |action: &str| (acme.owner.id.clone(), action.to_owned(), String::new());
    let daily = |action: &str| {
        let reason = format!("daily look for the record of {domain}");
        ("system".to_owned(), action.to_owned(), reason)
    };
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            own("domain.created"),
            own("domain.verification_requested"),
            own("domain.verified"),
            daily("domain.record_missing"),
            daily("domain.record_found"),
            daily("domain.record_missing"),
            daily("domain.lapsed"),
        ]
    );
}
