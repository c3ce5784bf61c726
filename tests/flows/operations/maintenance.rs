//! Staff close the whole deployment, and open it again.

use super::Plant;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, answer};

async fn set(plant: &Plant, body: Value) -> Answer {
    let path = "/v1/admin/maintenance";
    let etag = plant.staff.api.get(path).await.header("etag").to_owned();
    let request = plant.staff.api.request(Method::PUT, path).header("if-match", etag);
    answer(request.json(&body)).await
}

/// From the next request on, whoever asks, and as strictly as it was said.
pub async fn the_deployment_is_closed_and_opened(plant: &Plant) {
    let (press, owner) = (&plant.press, &plant.press.api);
    let (_, key) = press.org.key(&["telemetry.write", "telemetry.read"]).await;
    let key = key.moved_to(owner);
    let readings = format!("{}/readings", press.path);
    let reading = json!({ "readings": [{ "variable": "t", "time": "2026-01-02T03:04:05Z", "value": 1 }] });
    let (streams, project) = (format!("{}/streams", press.path), json!({ "name": "Late" }));

    let body = json!({ "mode": "read_only", "message": "Back at ten." });
    assert_eq!(set(plant, body).await.expect(200)["mode"], "read_only");
    key.post(&readings, &reading).await.closed("Back at ten.");
    owner
        .post(&press.org.path("/projects"), &project)
        .await
        .closed("not changed");
    owner.post("/v1/orgs", &project).await.closed("Back at ten.");
    key.get(&streams).await.expect(200);
    let permissions = format!("/v1/me/permissions?org={}", press.org.id);
    let told = owner.get(&permissions).await.expect(200);
    assert_eq!(
        told["maintenance"],
        json!({ "mode": "read_only", "message": "Back at ten." })
    );
    assert!(!told.to_string().contains("\"all\""), "{told}");

    set(plant, json!({ "mode": "no_access" })).await.expect(200);
    key.get(&streams).await.closed("closed for maintenance");
    owner.get("/v1/me").await.closed("closed for maintenance");
    plant.staff.api.get("/v1/admin/queues").await.expect(200);
    owner.get("/v1/admin/maintenance").await.problem(403);

    set(plant, json!({ "mode": "none" })).await.expect(200);
    key.post(&readings, &reading).await.expect(202);
    owner.get("/v1/me").await.expect(200);
    let stale = plant
        .staff
        .api
        .request(Method::PUT, "/v1/admin/maintenance")
        .header("if-match", "\"1\"");
    answer(stale.json(&json!({ "mode": "no_access" }))).await.problem(412);
    let bare = plant.staff.api.request(Method::PUT, "/v1/admin/maintenance");
    answer(bare.json(&json!({ "mode": "no_access" }))).await.problem(428);
    set(plant, json!({ "mode": "half" })).await.problem(422);
    owner.get("/v1/me").await.expect(200);
}
