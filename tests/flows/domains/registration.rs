//! What can be registered, by what rules it is changed, and whose it is.

use super::{at, get, look, new_name, record, register, role, until_role, verified};
use serde_json::json;
use tests::{Organization, answer, dns};

#[tokio::test]
async fn what_is_everybodys_or_no_domain_is_refused() {
    let acme = Organization::new("Acme").await;
    let path = acme.path("/domains");
    let refused = async |domain: &str| {
        let body = json!({ "domain": domain });
        acme.owner.api.post(&path, &body).await.problem(422)
    };
    for (domain, why) in [
        ("co.uk", "public suffix"),
        ("github.io", "public suffix"),
        ("gmail.com", "public e-mail provider"),
        ("OUTLOOK.com", "public e-mail provider"),
        ("mail.yahoo.com", "public e-mail provider"),
        ("acme", "must be a domain"),
        ("10.0.0.1", "must be a domain"),
        ("https://acme.example", "must be a domain"),
        ("*.acme.example", "must be a domain"),
        ("ada@acme.example", "must be a domain"),
    ] {
        let detail = refused(domain).await;
        assert!(detail.contains("/domain") && detail.contains(why), "{domain}: {detail}");
    }
    let owners = json!({ "domain": new_name(), "role": "owner" });
    let detail = acme.owner.api.post(&path, &owners).await.problem(422);
    assert!(detail.contains("/role"), "{detail}");
    let listed = acme.owner.api.get(&path).await.expect(200);
    assert_eq!(listed, json!({ "items": [], "next": null }));
}

#[tokio::test]
async fn a_domain_is_registered_once_and_changed_by_version() {
    let acme = Organization::new("Acme").await;
    let (api, path) = (&acme.owner.api, acme.path("/domains"));
    let name = new_name();
    let body = json!({ "domain": name });
    let post = || {
        let request = api.request(reqwest::Method::POST, &path);
        answer(request.header("idempotency-key", "once").json(&body))
    };
    let first = post().await;
    let (location, tag) = (first.header("location").to_owned(), first.header("etag").to_owned());
    assert_eq!((location.as_str(), tag.as_str()), (&*format!("{path}/{name}"), "\"1\""));
    let again = post().await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!((&again.text, again.header("etag")), (&first.text, &*tag));
    let domain = first.expect(201);
    assert_eq!(
        (&domain["role"], &domain["enrolment"], &domain["status"]),
        (&json!("viewer"), &json!(true), &json!("pending"))
    );
    api.post(&path, &body).await.problem(409);

    // Other letters come as Punycode, and are the same domain.
    let (_, own) = name.split_once('-').unwrap();
    let foreign = format!("Bücher-{own}");
    let bare = api.post(&path, &json!({ "domain": foreign })).await.expect(201)["domain"].clone();
    let bare = bare.as_str().unwrap();
    assert!(bare.starts_with("xn--bcher-") && bare.ends_with(".example"), "{bare}");
    api.post(&path, &json!({ "domain": bare })).await.problem(409);
    let page = api.get(&format!("{path}?limit=1")).await.expect(200);
    let next = page["next"].as_str().unwrap();
    let rest = api.get(&format!("{path}?limit=1&cursor={next}")).await.expect(200);
    assert_eq!(
        [&page["items"][0]["domain"], &rest["items"][0]["domain"]],
        [&json!(name), &json!(bare)]
    );

    let change = json!({ "role": "manager", "enrolment": false });
    let unversioned = api.request(reqwest::Method::PATCH, &location).json(&change);
    answer(unversioned).await.problem(428);
    let changed = api.patch(&location, &tag, &change).await;
    let newer = changed.header("etag").to_owned();
    let changed = changed.expect(200);
    assert_eq!(
        (&changed["role"], &changed["enrolment"]),
        (&json!("manager"), &json!(false))
    );
    assert_eq!(record(&changed), record(&domain));
    api.patch(&location, &tag, &change).await.problem(412);
    for wrong in [json!({}), json!({ "role": "owner" }), json!({ "domain": "x.example" })] {
        api.patch(&location, &newer, &wrong).await.problem(422);
    }
    api.delete(&location).await.problem(428);
    api.delete_version(&location, &tag).await.problem(412);
    api.delete_version(&location, &newer).await.expect(204);
    for gone in [api.get(&location).await, api.delete_version(&location, &newer).await] {
        gone.problem(404);
    }
    api.post(&format!("{location}/verification"), &json!({}))
        .await
        .problem(404);
    let journal = acme.path(&format!("/journal?resource={name}"));
    let entries = api.get(&journal).await.expect(200);
    let told = entries["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap());
    assert_eq!(
        told.collect::<Vec<_>>(),
        ["domain.deleted", "domain.updated", "domain.created"]
    );
}

#[tokio::test]
async fn an_organization_has_twenty_domains_at_most() {
    let acme = Organization::new("Acme").await;
    for _ in 0..20 {
        register(&acme, &new_name(), "viewer").await;
    }
    let one_more = json!({ "domain": new_name() });
    let detail = acme
        .owner
        .api
        .post(&acme.path("/domains"), &one_more)
        .await
        .problem(409);
    assert!(detail.contains("20"), "{detail}");
}

#[tokio::test]
async fn a_verified_domain_is_one_organizations_alone_and_brings_what_it_says_at_the_time() {
    let (acme, rival) = (Organization::new("Acme").await, Organization::new("Rival").await);
    let domain = verified(&acme, "viewer").await;
    let (name, value) = register(&rival, &domain, "admin").await;
    let (own, _) = get(&acme, &domain).await;
    assert_ne!(record(&own).1, value);
    let error = look(&rival, &domain).await["error"].clone();
    let error = error.as_str().unwrap();
    assert!(
        error.contains("is not") && !error.contains("another organisation"),
        "before the proof nothing is told: {error}"
    );
    dns::publish(&name, &[&record(&own).1, &value]);
    let task = look(&rival, &domain).await;
    assert_eq!(task["status"], "failed", "{task}");
    assert!(
        task["error"].as_str().unwrap().contains("another organisation"),
        "{task}"
    );
    assert_eq!(get(&rival, &domain).await.0["status"], "pending");

    let bea = at(&domain, "Bea").await;
    until_role(&bea, &acme, "viewer").await;
    let path = acme.path(&format!("/domains/{domain}"));
    let (_, tag) = get(&acme, &domain).await;
    let changed = acme.owner.api.patch(&path, &tag, &json!({ "role": "operator" })).await;
    let tag = changed.header("etag").to_owned();
    changed.expect(200);
    let cy = at(&domain, "Cy").await;
    until_role(&cy, &acme, "operator").await;
    assert_eq!(role(&bea, &acme).await.as_deref(), Some("viewer"));
    let changed = acme.owner.api.patch(&path, &tag, &json!({ "enrolment": false })).await;
    let tag = changed.header("etag").to_owned();
    changed.expect(200);
    let dan = at(&domain, "Dan").await;
    super::comes_back_to_nothing(&dan, &acme).await;

    // The task that failed is run again once it can succeed, by whoever manages members.
    acme.owner.api.delete_version(&path, &tag).await.expect(204);
    let retry = rival.path(&format!("/tasks/{}/retry", task["id"].as_str().unwrap()));
    let retried = rival.owner.api.post(&retry, &json!({})).await;
    let location = retried.header("location").to_owned();
    retried.expect(202);
    let task = tests::finished(&rival.owner.api, &location).await;
    assert_eq!(task["status"], "succeeded", "{task}");
    assert_eq!(role(&bea, &acme).await.as_deref(), Some("viewer"), "members stay");
    until_role(&bea.again().await, &rival, "admin").await;
}
