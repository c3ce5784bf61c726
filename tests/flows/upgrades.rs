//! After a deployment with a new template, staff have every organisation's stack upgraded.

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::{Organization, PATIENCE, Person, aws, finished};

async fn row(org: &Organization) -> Value {
    let rows = aws::partition(aws::DIRECTORY, &format!("ORG#{}", org.id)).await;
    rows.into_iter().find(|row| row["sk"] == "META").unwrap()
}

/// The schema version in an organisation's row.
async fn note_schema(org: &Organization, version: u32) {
    let mut row = row(org).await;
    row["schema"] = json!(version);
    aws::put(aws::DIRECTORY, &row).await;
}

/// What the table itself says of its schema version.
async fn tag(org: &Organization) -> Value {
    let arn = format!("arn:aws:dynamodb:us-east-1:000000000000:table/{}", org.table());
    let tags = aws::call("DynamoDB_20120810.ListTagsOfResource", &json!({ "ResourceArn": arn })).await;
    let mut tags = tags.body["Tags"].as_array().into_iter().flatten();
    tags.find(|tag| tag["Key"] == "Schema")
        .map_or(Value::Null, |tag| tag["Value"].clone())
}

/// An organisation as an earlier version of the system has left it: its stack and its row of the first schema.
async fn of_the_first_schema(name: &str) -> Organization {
    let org = Organization::new(name).await;
    assert_eq!(
        (tag(&org).await, row(&org).await["schema"].clone()),
        (json!("2"), json!(2))
    );
    let name = org.table();
    let parameter = |n: u32, what: &str| format!("Parameters.member.{n}.Parameter{what}");
    let update = [
        ("StackName", name.as_str()),
        ("UsePreviousTemplate", "true"),
        (&parameter(1, "Key"), "SchemaVersion"),
        (&parameter(1, "Value"), "1"),
        (&parameter(2, "Key"), "TableName"),
        (&parameter(2, "Value"), &name),
        (&parameter(3, "Key"), "Stage"),
        (&parameter(3, "Value"), "local"),
        (&parameter(4, "Key"), "Organization"),
        (&parameter(4, "Value"), &org.id),
    ];
    aws::query("UpdateStack", &update).await;
    let begun = Instant::now();
    while tag(&org).await != Value::Null {
        assert!(begun.elapsed() < PATIENCE, "the stack stays as it is");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    note_schema(&org, 1).await;
    org
}

/// Has everything upgraded; the task at its end.
async fn upgrade(staff: &Person) -> Value {
    let accepted = staff.api.post("/v1/admin/upgrades", &json!({})).await;
    let location = accepted.header("location").to_owned();
    assert_eq!(accepted.expect(202)["kind"], "system.upgrade_organizations");
    finished(&staff.api, &location).await
}

/// The upgrades of an organisation, as its owner sees them.
async fn upgrades(org: &Organization) -> Vec<Value> {
    let path = org.path("/tasks?kind=organization.upgrade");
    let tasks = org.owner.api.get(&path).await.expect(200);
    tasks["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn organizations_that_are_behind_are_upgraded_and_others_left_alone() {
    let staff = Person::new("Sue").await.as_staff(tests::endpoint()).await;
    let (old, new) = (of_the_first_schema("Old").await, Organization::new("New").await);
    let device = old.device(12345).await;

    let first = upgrade(&staff).await;
    assert_eq!(
        (
            &first["status"],
            &first["result"]["upgraded"],
            &first["result"]["failed"]
        ),
        (&json!("succeeded"), &json!(1), &json!(0)),
        "{first}"
    );
    assert_eq!(
        (tag(&old).await, row(&old).await["schema"].clone()),
        (json!("2"), json!(2))
    );
    let mine = upgrades(&old).await;
    assert_eq!(
        (
            mine.len(),
            &mine[0]["status"],
            &mine[0]["parent"],
            &mine[0]["result"]["schema"]
        ),
        (1, &json!("succeeded"), &first["id"], &json!(2)),
        "{mine:?}"
    );
    assert_eq!(upgrades(&new).await, Vec::<Value>::new());
    assert_eq!(device.streams().await, Vec::<String>::new());

    let second = upgrade(&staff).await;
    assert_eq!(second["result"]["upgraded"], 0, "{second}");
    assert_eq!(upgrades(&old).await.len(), 1);
    one_that_cannot_be_upgraded_is_named(&staff, &new).await;
}

/// In the same story: each upgrade goes through everything there is.
async fn one_that_cannot_be_upgraded_is_named(staff: &Person, org: &Organization) {
    aws::query("DeleteStack", &[("StackName", org.table().as_str())]).await;
    note_schema(org, 1).await;
    let failed = upgrade(staff).await;
    assert_eq!(failed["status"], "failed", "{failed}");
    assert!(failed["error"].as_str().unwrap().contains(&org.id), "{failed}");
    assert_eq!(org.owner.api.get(&org.path("")).await.expect(200)["status"], "active");
    assert_eq!(row(org).await["schema"], 1);
    note_schema(org, 2).await;
}
