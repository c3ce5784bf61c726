//! Changes leave an unbroken chain behind.

use tests::Organization;

#[tokio::test]
async fn changes_at_the_same_moment_all_succeed() {
    let acme = Organization::new("Acme").await;
    let project = acme.project("Line").await;
    let devices = format!("{project}/devices");
    let mut registrations = tokio::task::JoinSet::new();
    for n in 0..12 {
        let (api, path) = (acme.owner.api.clone(), devices.clone());
        let body = serde_json::json!({ "name": format!("Press {n}"), "hardware_id": n });
        registrations.spawn(async move { api.post(&path, &body).await });
    }
    for answer in registrations.join_all().await {
        answer.expect(201);
    }
    assert_eq!(acme.owner.api.get(&project).await.expect(200)["devices"], 12);
}
