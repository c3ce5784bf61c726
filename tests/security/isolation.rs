//! Over every operation of the contract: a stranger, a stranger's key, a key without scopes and nobody at all are turned away, and nothing changes.
//! A new route is in this test by being in the contract.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Api, Device, Organization, Person, answer, aws, sample};

/// A body that the operation would take, so that it is not the body that is refused.
fn body(operation: &str) -> Value {
    match operation {
        "createApiKey" => json!({ "name": "k", "scopes": ["org.read"] }),
        "rotateApiKey" | "rotateProjectToken" => json!({ "overlap_seconds": 0 }),
        "createMachine" => {
            json!({ "name": "m", "account": "123456789012", "role_name": "r", "scopes": ["org.read"] })
        }
        "createInvitation" => json!({ "email": "eve@example.com", "role": "viewer" }),
        "createGroupMapping" => json!({ "provider": "Okta", "group": "press", "role": "viewer" }),
        "createDevice" => json!({ "name": "d", "hardware_id": 99 }),
        "restoreOrganization" => json!({ "at": "2026-01-02T03:04:05Z" }),
        "exportJournal" => json!({}),
        "uploadReadings" => json!({ "readings": [{ "variable": "t", "time": "2026-01-02T03:04:05Z", "value": 1 }] }),
        _ => json!({ "name": "n" }),
    }
}

/// The operations below an organisation, with the path filled in with what is really there.
async fn operations(press: &Device) -> Vec<(String, Method, String)> {
    let api = &press.api;
    let project = api.get(&press.org.path("/projects")).await.expect(200)["items"][0]["id"].clone();
    let key = press.org.key(&["org.read"]).await.0;
    let machine = json!({ "name": "m", "account": "000000000000", "role_name": "press", "scopes": ["org.read"] });
    let machine = api.post(&press.org.path("/machines"), &machine).await.expect(201)["id"].clone();
    let invited = json!({ "email": "bea@example.com", "role": "viewer" });
    let invitation = api.post(&press.org.path("/invitations"), &invited).await.expect(201)["id"].clone();
    let created = press.org.path("/tasks?kind=organization.create");
    let task = api.get(&created).await.expect(200)["items"][0]["id"].clone();
    let device = press.path.rsplit('/').next().unwrap().to_owned();
    let fill = |path: &str| {
        let named = [
            ("org", json!(press.org.id)),
            ("project", project.clone()),
            ("device", json!(device)),
            ("key", json!(key)),
        ];
        let more = [
            ("machine", machine.clone()),
            ("invitation", invitation.clone()),
            ("task", task.clone()),
            ("user", json!(press.org.owner.id)),
            ("variable", json!("5001")),
            ("mapping", json!("gmp_01KAF2Z7M0V8Q4J3T6B9N5R1XC")),
        ];
        named.iter().chain(&more).fold(path.to_owned(), |path, (name, id)| {
            path.replace(&format!("{{{name}}}"), id.as_str().unwrap())
        })
    };
    let contract = contract::full();
    let mut operations = Vec::new();
    for (path, item) in contract["paths"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(path, _)| path.contains("{org}"))
    {
        for (method, operation) in item.as_object().unwrap() {
            let filled = fill(path);
            assert!(
                !filled.contains('{'),
                "{path}: this test does not know how to fill it in"
            );
            operations.push((
                operation["operationId"].as_str().unwrap().to_owned(),
                method.to_uppercase().parse().unwrap(),
                filled,
            ));
        }
    }
    operations
}

async fn call(api: &Api, (operation, method, path): &(String, Method, String)) -> Answer {
    let query = match operation.as_str() {
        "uploadReport" => format!("?received_at={}", tests::RECEIVED_AT),
        "listReadingsOfStreams" => "?variables=5001".to_owned(),
        "listGaps" => "?longer_than=1m".to_owned(),
        _ => String::new(),
    };
    let request = api
        .request(method.clone(), &format!("{path}{query}"))
        .header("if-match", "\"1\"");
    answer(match operation.as_str() {
        "uploadReport" => request
            .header("content-type", "application/octet-stream")
            .body(sample("valid_small_16.bin")),
        _ if *method == Method::GET => request,
        _ => request.json(&body(operation)),
    })
    .await
}

/// All that could have changed, once nothing is under way any more. When a key was last used is no change: one that is refused by a function was
/// used all the same.
async fn state(press: &Device) -> Vec<Value> {
    aws::until_sent(&press.org.id).await;
    let mut state = Vec::new();
    for below in [
        "",
        "/members",
        "/invitations",
        "/api-keys",
        "/machines",
        "/projects",
        "/tasks",
    ] {
        let mut list = press.api.get(&press.org.path(below)).await.expect(200);
        let items = list.get_mut("items").and_then(Value::as_array_mut);
        for item in items.into_iter().flatten() {
            item.as_object_mut().unwrap().remove("last_used_at");
        }
        state.push(list);
    }
    state.push(json!(press.streams().await));
    state.push(json!(press.all_readings("5001", "").await));
    state
}

#[tokio::test]
async fn nobody_reaches_into_an_organization_by_any_route() {
    let press = Organization::new("Acme").await.device(12345).await;
    press.report(sample("valid_small_16.bin")).await.added().await;
    let operations = operations(&press).await;
    assert!(operations.len() >= 20, "{}", operations.len());
    let before = state(&press).await;

    let rival = Organization::new("Rival").await;
    let (_, foreign_key) = rival
        .key(&[
            "org.read",
            "task.read",
            "fleet.read",
            "fleet.write",
            "telemetry.read",
            "telemetry.write",
        ])
        .await;
    let foreign_device = rival.device(54321).await.session().await;
    let loner = Person::new("Loner").await;
    let staff = Person::new("Sue").await.as_staff(tests::endpoint()).await;
    for operation in &operations {
        for (who, api, status) in [
            ("nobody", Api::anonymous(), 401),
            (
                "a broken token",
                Api::anonymous().bearer("eyJhbGciOiJub25lIn0.e30."),
                401,
            ),
            ("a broken key", Api::anonymous().key("mwk_nonsense"), 401),
            ("another organisation's owner", rival.owner.api.clone(), 404),
            ("another organisation's key", foreign_key.clone(), 404),
            ("another organisation's device", foreign_device.clone(), 404),
            ("somebody without an organisation", loner.api.clone(), 404),
            ("staff", staff.api.clone(), 404),
        ] {
            let answer = call(&api, operation).await;
            assert_eq!(answer.status, status, "{who}: {operation:?}: {}", answer.text);
        }
    }
    assert_eq!(state(&press).await, before);
}

/// Which role is the least that may do it; owner where it is not named here.
fn least_role(operation: &str) -> &'static [&'static str] {
    match operation {
        "getOrganization" | "listTasks" | "listAttempts" | "getTask" | "listProjects" | "getProject"
        | "listDevices" | "getDevice" => &["owner", "admin", "manager", "operator", "viewer"],
        "listMembers" | "listStreams" | "listReadings" | "listReadingsOfStreams" | "getStatistics" | "listGaps" => {
            &["owner", "admin", "manager", "viewer"]
        }
        "uploadReadings" | "uploadReport" => &["owner", "admin", "manager", "operator"],
        "rotateProjectToken" | "endProjectSessions" | "endDeviceSessions" | "createProject" | "updateProject"
        | "deleteProject" | "createDevice" | "updateDevice" | "deleteDevice" => &["owner", "admin", "manager"],
        "createInvitation" | "resendInvitation" | "listInvitations" | "revokeInvitation" | "createGroupMapping"
        | "listGroupMappings" | "deleteGroupMapping" | "removeMember" | "createApiKey" | "createMachine"
        | "listMachines" | "removeMachine" | "listApiKeys" | "getApiKey" | "updateApiKey" | "rotateApiKey"
        | "revokeApiKey" => &["owner", "admin"],
        // The task here is one that only an owner could ask for.
        "listJournal" | "getJournalHead" | "exportJournal" => &["owner", "admin"],
        "updateOrganization" | "exportOrganization" => &["owner", "admin"],
        "deleteOrganization"
        | "reopenOrganization"
        | "restoreOrganization"
        | "retryTask"
        | "cancelTask"
        | "getTaskFile" => &["owner"],
        other => panic!("{other}: say here which roles may do it"),
    }
}

#[tokio::test]
async fn each_role_is_refused_what_it_may_not_do() {
    let press = Organization::new("Acme").await.device(12345).await;
    press.report(sample("valid_small_16.bin")).await.added().await;
    let operations = operations(&press).await;
    let before = {
        let mut members = Vec::new();
        for role in ["admin", "manager", "operator", "viewer"] {
            members.push((role, press.org.member(role).await.api));
        }
        let before = state(&press).await;
        // A device reaches nothing of its organisation's but by its own routes.
        let device = press.session().await;
        for operation in &operations {
            let detail = call(&device, operation).await.problem(403);
            assert!(detail.contains("permission"), "a device: {operation:?}: {detail}");
            for (role, api) in members
                .iter()
                .filter(|(role, _)| !least_role(&operation.0).contains(role))
            {
                let detail = call(api, operation).await.problem(403);
                assert!(detail.contains("permission"), "{role}: {operation:?}: {detail}");
            }
        }
        before
    };
    assert_eq!(state(&press).await, before);
}

#[tokio::test]
async fn the_routes_of_devices_are_for_devices_alone() {
    let press = Organization::new("Acme").await.device(12345).await;
    press.report(sample("valid_small_16.bin")).await.added().await;
    let (_, key) = press.org.key(&["telemetry.write"]).await;
    let before = state(&press).await;
    let contract = contract::full();
    let paths = contract["paths"].as_object().unwrap().iter();
    let mut met = 0;
    for (path, item) in paths.filter(|(path, _)| path.starts_with("/v1/device/") || *path == "/v1/device") {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            // The body and query of the organisation's route for the same.
            let twin = id.replace("Own", "");
            let operation = (twin, method.to_uppercase().parse().unwrap(), path.clone());
            for (who, api, status) in [
                ("nobody", Api::anonymous(), 401),
                ("a broken session", Api::anonymous().bearer("mws_e30.e30.e30"), 401),
                ("the organisation's owner", press.api.clone(), 403),
                ("its key", key.clone(), 403),
            ] {
                let answer = call(&api, &operation).await;
                assert_eq!(answer.status, status, "{who}: {id}: {}", answer.text);
            }
            met += 1;
        }
    }
    assert!(met >= 3, "{met}");
    assert_eq!(state(&press).await, before);
}
