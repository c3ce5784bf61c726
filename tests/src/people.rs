//! People and the organisations they make.

use crate::plant::Device;
use crate::{Answer, Api, PATIENCE, unique};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The password of everybody in the tests.
pub(crate) const PASSWORD: &str = "Correct-Horse-1";

/// Somebody who has signed in.
#[derive(Clone)]
pub struct Person {
    /// Their client.
    pub api: Api,
    /// Their id.
    pub id: String,
    /// Their address.
    pub email: String,
    /// What their sign-in answered.
    pub session: Value,
}

/// An organisation, in its owner's hands.
#[derive(Clone)]
pub struct Organization {
    /// Its owner.
    pub owner: Person,
    /// Its id.
    pub id: String,
}

impl Person {
    /// Signs somebody up at the shared cloud, confirms the address, signs them in.
    pub async fn new(name: &str) -> Self {
        Self::at(&Api::anonymous(), name).await
    }

    /// The same at another cloud.
    pub async fn at(api: &Api, name: &str) -> Self {
        Self::with_address(api, name, &format!("{}@example.com", unique(&name.to_lowercase()))).await
    }

    /// The same with an address of the test's choice.
    pub async fn with_address(api: &Api, name: &str, email: &str) -> Self {
        let account = json!({ "email": email, "password": PASSWORD, "name": name });
        let id = api.post("/v1/accounts", &account).await.expect(201)["id"].clone();
        api.post("/v1/accounts/confirm", &json!({ "email": email, "code": "123456" }))
            .await
            .expect(204);
        let session = sign_in(api, email).await.expect(201);
        let api = api.bearer(session["access_token"].as_str().unwrap_or_default());
        Self {
            api,
            id: id.as_str().unwrap_or_default().to_owned(),
            email: email.to_owned(),
            session,
        }
    }

    /// Signs in again: another session.
    pub async fn again(&self) -> Self {
        let session = sign_in(&self.api, &self.email).await.expect(201);
        Self {
            api: self.api.bearer(session["access_token"].as_str().unwrap_or_default()),
            session,
            ..self.clone()
        }
    }

    /// The same person as one of the staff of the cloud whose AWS services are at that address.
    pub async fn as_staff(&self, endpoint: &str) -> Self {
        crate::aws::join_staff(endpoint, &self.email).await;
        self.again().await
    }

    /// Creates an organisation and waits until it is active.
    pub async fn organization(&self, name: &str) -> Organization {
        let created = self.api.post("/v1/orgs", &json!({ "name": name })).await;
        let location = created.header("location").to_owned();
        let id = created.expect(202)["id"].as_str().unwrap_or_default().to_owned();
        let task = finished(&self.api, &location).await;
        assert_eq!(task["status"], "succeeded", "{task}");
        Organization {
            owner: self.clone(),
            id,
        }
    }
}

/// Signs in with everybody's password.
pub async fn sign_in(api: &Api, email: &str) -> Answer {
    api.post("/v1/sessions", &json!({ "email": email, "password": PASSWORD }))
        .await
}

/// Asks after a task until it has ended.
pub async fn finished(api: &Api, path: &str) -> Value {
    finished_within(PATIENCE, api, path).await
}

/// The same for one that may take as long as this.
pub async fn finished_within(patience: Duration, api: &Api, path: &str) -> Value {
    let begun = Instant::now();
    loop {
        let task = api.get(path).await.expect(200);
        if task["finished_at"].is_string() {
            return task;
        }
        assert!(begun.elapsed() < patience, "still waiting: {task}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

impl Organization {
    /// A new organisation with an owner of its own.
    pub async fn new(name: &str) -> Self {
        Person::new("Owner").await.organization(name).await
    }

    /// The name of the organisation's table.
    pub fn table(&self) -> String {
        format!(
            "millwright-local-org-{}-1",
            self.id.trim_start_matches("org_").to_lowercase()
        )
    }

    /// A path below the organisation's.
    pub fn path(&self, below: &str) -> String {
        format!("/v1/orgs/{}{below}", self.id)
    }

    /// Makes an API key with these scopes, and a client that uses it.
    pub async fn key(&self, scopes: &[&str]) -> (String, Api) {
        let body = json!({ "name": "key", "scopes": scopes });
        let key = self.owner.api.post(&self.path("/api-keys"), &body).await.expect(201);
        let secret = key["secret"].as_str().unwrap_or_default();
        (
            key["id"].as_str().unwrap_or_default().to_owned(),
            Api::anonymous().key(secret),
        )
    }

    /// Makes somebody a member.
    pub async fn member(&self, role: &str) -> Person {
        let person = Person::new(role).await;
        let body = json!({ "email": person.email, "role": role });
        let invitation = self.owner.api.post(&self.path("/invitations"), &body).await.expect(201);
        let token = invitation["token"].as_str().unwrap_or_default();
        person
            .api
            .post(&format!("/v1/invitations/{token}/accept"), &json!({}))
            .await
            .expect(200);
        person
    }

    /// How many owners it has, as one of its members sees it.
    pub async fn owners(&self, seen_by: &Api) -> usize {
        let members = seen_by.get(&self.path("/members")).await.expect(200);
        let members = members["items"].as_array().into_iter().flatten();
        members.filter(|member| member["role"] == "owner").count()
    }

    /// Creates a project; its path.
    pub async fn project(&self, name: &str) -> String {
        let project = self
            .owner
            .api
            .post(&self.path("/projects"), &json!({ "name": name }))
            .await;
        let location = project.header("location").to_owned();
        project.expect(201);
        location
    }

    /// Registers a device in a project of its own.
    pub async fn device(&self, hardware_id: u32) -> Device {
        let project = self.project("Line").await;
        let body = json!({ "name": "Press", "hardware_id": hardware_id });
        let device = self
            .owner
            .api
            .post(&format!("{project}/devices"), &body)
            .await
            .expect(201);
        Device::new(self.clone(), Some(project), device["id"].as_str().unwrap_or_default())
    }
}
