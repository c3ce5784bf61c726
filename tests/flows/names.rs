//! Organisations are renamed and note things of themselves, whatever else becomes of them.

use super::mail::{directory, sdk};
use aws_dynamodb::{Change, OrgTables};
use domain::journal::Event;
use domain::organization::{OrgStatus, Organization as Row, Profile};
use domain::text::Name;
use domain::{Clock, Grant, Random, Source};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tests::{Organization, now};

#[tokio::test]
async fn an_organization_is_renamed_and_notes_things_of_itself() {
    let acme = Organization::new("Acme").await;
    let (api, path) = (&acme.owner.api, acme.path(""));
    let seen = api.get(&path).await;
    let etag = seen.header("etag").to_owned();
    assert_eq!((etag.as_str(), &seen.expect(200)["metadata"]), ("\"1\"", &json!({})));

    let change = json!({ "name": " Acme Works ", "metadata": { "site": "Kiel", "erp": "4711" } });
    let changed = api.patch(&path, &etag, &change).await;
    let newer = changed.header("etag").to_owned();
    let changed = changed.expect(200);
    assert_eq!(
        (&changed["name"], &changed["metadata"]["site"]),
        (&json!("Acme Works"), &json!("Kiel"))
    );
    assert_eq!(api.get(&path).await.expect(200), changed);
    assert_eq!(api.get("/v1/orgs").await.expect(200)["items"][0]["name"], "Acme Works");

    // Of the version before, nothing more.
    api.patch(&path, &etag, &json!({ "name": "Late" })).await.problem(412);
    let request = api
        .request(reqwest::Method::PATCH, &path)
        .json(&json!({ "name": "Late" }));
    tests::answer(request).await.problem(428);
    // Null takes a key away; what is not named stays.
    let merged = api
        .patch(&path, &newer, &json!({ "metadata": { "erp": null, "line": "4" } }))
        .await;
    let merged = merged.expect(200);
    assert_eq!(
        (&merged["name"], &merged["metadata"]),
        (&json!("Acme Works"), &json!({ "site": "Kiel", "line": "4" }))
    );

    let told = api
        .get(&acme.path("/journal?action=organization.updated"))
        .await
        .expect(200);
    assert_eq!(
        told["items"][0]["before"],
        json!({ "metadata": { "erp": "4711", "line": null } })
    );
    assert_eq!(
        told["items"][0]["after"],
        json!({ "metadata": { "erp": null, "line": "4" } })
    );
    assert_eq!(told["items"][1]["before"]["name"], "Acme");
}

#[tokio::test]
async fn names_and_notes_that_cannot_be_are_refused() {
    let acme = Organization::new("Acme").await;
    let (api, path) = (&acme.owner.api, acme.path(""));
    let many: Map<_, _> = (0..51).map(|n| (n.to_string(), json!("v"))).collect();
    for (body, said) in [
        (json!({}), "metadata"),
        (json!({ "name": "" }), "name"),
        (json!({ "name": "n".repeat(129) }), "name"),
        (json!({ "metadata": { "": "v" } }), "/metadata/"),
        (json!({ "metadata": { "a/b~": "v".repeat(257) } }), "/metadata/a~1b~0"),
        (json!({ "metadata": { "k".repeat(65): "v" } }), "64 characters"),
        (json!({ "metadata": { "k": 1 } }), "metadata"),
        (json!({ "metadata": { "k": "a\u{0}b" } }), "/metadata/k"),
        (json!({ "metadata": Value::Object(many) }), "50 keys"),
        (json!({ "maintenance": { "mode": "half" } }), "maintenance"),
        (json!({ "status": "active" }), "status"),
    ] {
        let detail = api.patch(&path, "\"1\"", &body).await.problem(422);
        assert!(detail.contains(said), "{body}: {detail}");
    }
    assert_eq!(api.get(&path).await.header("etag"), "\"1\"");
    let full: Map<_, _> = (0..50).map(|n| (format!("{n:-<64}"), json!("v".repeat(256)))).collect();
    api.patch(&path, "\"1\"", &json!({ "metadata": full }))
        .await
        .expect(200);
}

/// The clock of the tests, and dice that fall on nothing else.
struct Here;

impl Clock for Here {
    fn now(&self) -> Timestamp {
        now()
    }
}

impl Random for Here {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// A worker has read the organisation's row, then it is renamed, then the worker saves what it made of the row; and the other way round.
#[tokio::test]
async fn neither_a_rename_nor_a_step_of_its_life_loses_what_the_other_wrote() {
    let acme = Organization::new("Acme").await;
    let (directory, id) = (directory().await, acme.id.parse().unwrap());
    let read = directory.organization(id).await.unwrap().unwrap();
    let renamed = json!({ "name": "Renamed", "metadata": { "site": "Kiel" } });
    acme.owner
        .api
        .patch(&acme.path(""), "\"1\"", &renamed)
        .await
        .expect(200);
    let step = Row {
        last_generation: 7,
        ..read.clone()
    };
    directory.save_organization(&step, read.task).await.unwrap();
    let after = directory.organization(id).await.unwrap().unwrap();
    assert_eq!(
        (after.name.as_str(), after.last_generation, after.step),
        ("Renamed", 7, read.step + 1)
    );

    // A step made of what was read before that one is refused.
    let late = Row {
        last_generation: 9,
        ..read.clone()
    };
    assert!(directory.save_organization(&late, read.task).await.is_err());

    let grant = Grant::for_task(id, acme.owner.id.clone(), OrgStatus::Active, read.table.clone());
    let table = OrgTables::new(&sdk().await, &Source::new(Here, Here))
        .open(&grant)
        .unwrap();
    let event = Event {
        action: "organization.updated",
        resource: acme.id.clone(),
        before: None,
        after: None,
    };
    let stale = Row {
        name: Name::parse("Once more").unwrap(),
        ..read
    };
    let profile = Profile {
        version: 3,
        ..directory.profile(id).await.unwrap()
    };
    directory
        .update_profile(&table, Change::told(event), &stale, &profile)
        .await
        .unwrap();
    let after = directory.organization(id).await.unwrap().unwrap();
    assert_eq!((after.name.as_str(), after.last_generation), ("Once more", 7));
}
