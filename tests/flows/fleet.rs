//! Projects and devices.

use serde_json::json;
use tests::Organization;

#[tokio::test]
async fn a_project_lives_from_creation_to_deletion() {
    let acme = Organization::new("Acme").await;
    let api = &acme.owner.api;
    let created = api.post(&acme.path("/projects"), &json!({ "name": "Line 4" })).await;
    let path = created.header("location").to_owned();
    assert!(created.expect(201)["token"].as_str().unwrap().starts_with("mwp_"));

    let seen = api.get(&path).await;
    assert_eq!(seen.header("etag"), "\"1\"");
    assert!(seen.body.get("token").is_none());
    let renamed = api.patch(&path, "\"1\"", &json!({ "name": "Line 5" })).await;
    assert_eq!(
        (renamed.header("etag"), renamed.body["name"].as_str()),
        ("\"2\"", Some("Line 5"))
    );
    api.patch(&path, "\"1\"", &json!({ "name": "Late" })).await.problem(412);
    api.patch(&path, "two", &json!({ "name": "Odd" })).await.problem(400);
    api.delete(&path).await.problem(428);

    let device = api
        .post(
            &format!("{path}/devices"),
            &json!({ "name": "Press", "hardware_id": 7 }),
        )
        .await;
    let device_path = device.header("location").to_owned();
    device.expect(201);
    let busy = api.get(&path).await;
    assert_eq!(busy.body["devices"], 1);
    let refusal = api.delete_version(&path, busy.header("etag")).await.problem(409);
    assert!(refusal.contains("delete them first"), "{refusal}");
    api.delete_version(&device_path, "\"1\"").await.expect(204);
    let empty = api.get(&path).await;
    api.delete_version(&path, empty.header("etag")).await.expect(204);
    api.get(&path).await.problem(404);
}

#[tokio::test]
async fn a_hardware_id_is_one_devices_alone() {
    let acme = Organization::new("Acme").await;
    let api = &acme.owner.api;
    let (one, two) = (acme.project("One").await, acme.project("Two").await);
    let device = json!({ "name": "Press", "hardware_id": 4_294_967_295_u32 });
    let first = api.post(&format!("{one}/devices"), &device).await;
    let path = first.header("location").to_owned();
    let id = first.expect(201)["id"].as_str().unwrap().to_owned();
    let refusal = api.post(&format!("{two}/devices"), &device).await.problem(409);
    assert!(refusal.contains(&id), "{refusal}");

    api.delete_version(&path, "\"1\"").await.expect(204);
    api.post(&format!("{two}/devices"), &device).await.expect(201);
    // Another organisation counts its own.
    Organization::new("Rival").await.device(4_294_967_295).await;
}

#[tokio::test]
async fn devices_are_listed_page_by_page_in_order() {
    let acme = Organization::new("Acme").await;
    let project = acme.project("Line").await;
    let mut made = Vec::new();
    for n in 0..5 {
        let body = json!({ "name": format!("Press {n}"), "hardware_id": n });
        made.push(
            acme.owner
                .api
                .post(&format!("{project}/devices"), &body)
                .await
                .expect(201)["id"]
                .clone(),
        );
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = acme
            .owner
            .api
            .get(&format!("{project}/devices?limit=2{cursor}"))
            .await
            .expect(200);
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|device| device["id"].clone()),
        );
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, made);
}

#[tokio::test]
async fn devices_that_cannot_be_are_refused() {
    let acme = Organization::new("Acme").await;
    let devices = format!("{}/devices", acme.project("Line").await);
    let api = &acme.owner.api;
    for hardware_id in [json!(-1), json!(4_294_967_296_u64), json!("7"), json!(1.5), json!(null)] {
        let detail = api
            .post(&devices, &json!({ "name": "Press", "hardware_id": hardware_id }))
            .await
            .problem(422);
        assert!(detail.contains("/hardware_id"), "{hardware_id}: {detail}");
    }
    let nowhere = acme.path("/projects/prj_01KAF2Z7M0V8Q4J3T6B9N5R1XC/devices");
    api.post(&nowhere, &json!({ "name": "Press", "hardware_id": 7 }))
        .await
        .problem(404);
    let odd = acme.path("/projects/dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC");
    assert!(api.get(&odd).await.problem(404).contains("prj_"));
    for query in ["limit=0", "limit=1001", "limit=x", "cursor=%21", "lmit=3"] {
        api.get(&format!("{devices}?{query}")).await.problem(400);
    }
}
