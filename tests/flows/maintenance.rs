//! An organisation under maintenance: read, or closed, with a way out for those who run it.

use serde_json::json;
use tests::{Answer, Organization, aws};

/// Sets an organisation's maintenance in its row.
async fn set(acme: &Organization, mode: &str) {
    let body = json!({
        "TableName": aws::DIRECTORY,
        "Key": { "pk": { "S": format!("ORG#{}", acme.id) }, "sk": { "S": "META" } },
        "UpdateExpression": "SET maintenance = :maintenance",
        "ExpressionAttributeValues": { ":maintenance": { "M": {
            "mode": { "S": mode }, "message": { "S": "Stocktaking until noon." },
        } } },
    });
    aws::call("DynamoDB_20120810.UpdateItem", &body).await.expect(200);
}

#[track_caller]
fn closed(answer: Answer) {
    answer.closed("Stocktaking until noon.");
}

#[tokio::test]
async fn a_closed_organization_is_read_or_not_and_nothing_in_it_changes() {
    let acme = Organization::new("Acme").await;
    let press = acme.device(12345).await;
    let (viewer, guest) = (acme.member("viewer").await, tests::Person::new("Guest").await);
    let (_, key) = acme.key(&["telemetry.write", "fleet.read"]).await;
    let body = json!({ "email": guest.email, "role": "viewer" });
    let invitation = acme.owner.api.post(&acme.path("/invitations"), &body).await.expect(201);
    let accept = format!("/v1/invitations/{}/accept", invitation["token"].as_str().unwrap());
    let readings = format!("{}/readings", press.path);
    let reading = json!({ "readings": [{ "variable": "t", "time": "2026-01-02T03:04:05Z", "value": 1 }] });
    let leave = acme.path(&format!("/members/{}", viewer.id));

    for mode in ["read_only", "no_access"] {
        set(&acme, mode).await;
        closed(key.post(&readings, &reading).await);
        closed(
            acme.owner
                .api
                .post(&acme.path("/projects"), &json!({ "name": "Late" }))
                .await,
        );
        closed(guest.api.post(&accept, &json!({})).await);
        closed(viewer.api.delete(&leave).await);
        if mode == "read_only" {
            acme.owner.api.get(&acme.path("/api-keys")).await.expect(200);
            key.get(&acme.path("/projects")).await.expect(200);
        } else {
            closed(acme.owner.api.get(&acme.path("/api-keys")).await);
            closed(key.get(&acme.path("/projects")).await);
            closed(viewer.api.get(&acme.path("")).await);
        }
        acme.owner.api.get(&acme.path("")).await.expect(200);
        let told = acme
            .owner
            .api
            .get(&format!("/v1/me/permissions?org={}", acme.id))
            .await
            .expect(200);
        assert_eq!(told["maintenance"]["mode"], mode);
        let way_out = json!({ "permission": "org.manage", "at_present": "all" });
        assert!(told["permissions"].as_array().unwrap().contains(&way_out), "{told}");
        let stranger = Organization::new("Rival").await;
        stranger.owner.api.get(&acme.path("")).await.problem(404);
    }

    set(&acme, "none").await;
    key.post(&readings, &reading).await.expect(202);
    guest.api.post(&accept, &json!({})).await.expect(200);
    viewer.api.delete(&leave).await.expect(204);
}
