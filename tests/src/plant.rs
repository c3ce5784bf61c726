//! Devices and what they send.

use crate::people::finished;
use crate::{Answer, Api, Organization};
use serde_json::{Value, json};
use std::path::Path;

/// When the sample reports were received, as their manifest counts it.
pub const RECEIVED_AT: &str = "2020-01-02T03:04:05Z";

/// The n-th of numbers from 0 to 4,096 that no compression makes smaller than three bytes, and whose sums are exact (splitmix64).
pub fn noise(n: i64) -> f64 {
    let mut bits = n.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits >> 40) as f64 / 4_096.0
}

/// A device of an organisation.
#[derive(Clone)]
pub struct Device {
    /// The organisation.
    pub org: Organization,
    /// Its path, `/v1/orgs/{org}/devices/{device}`.
    pub path: String,
    /// The path of its project, where it is known.
    pub project: Option<String>,
    /// The client that it is used with.
    pub api: Api,
}

/// An upload that was accepted.
pub struct Upload {
    api: Api,
    /// Where its task is.
    pub location: String,
    /// How many readings and events were accepted.
    pub count: u64,
}

/// A sample report, as the devices' own library wrote it.
pub fn sample(name: &str) -> Vec<u8> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/data/reports")).join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

impl Device {
    pub(crate) fn new(org: Organization, project: Option<String>, id: &str) -> Self {
        let path = org.path(&format!("/devices/{id}"));
        Self {
            api: org.owner.api.clone(),
            org,
            path,
            project,
        }
    }

    /// A client in a session of the device's own.
    pub async fn session(&self) -> Api {
        let project = self.project.as_deref().unwrap_or_default();
        let rotated = self.api.post(&format!("{project}/token"), &json!({})).await.expect(201);
        let body = json!({ "project_token": rotated["token"], "device": self.path.rsplit('/').next() });
        let session = Api::anonymous().post("/v1/device-sessions", &body).await.expect(201);
        Api::anonymous().bearer(session["access_token"].as_str().unwrap_or_default())
    }

    /// Sends a report as it is.
    pub async fn send_report(&self, media_type: &str, bytes: Vec<u8>) -> Answer {
        let path = format!("{}/reports?received_at={RECEIVED_AT}", self.path);
        self.api.upload(&path, media_type, bytes).await
    }

    /// Uploads a binary report.
    pub async fn report(&self, bytes: Vec<u8>) -> Upload {
        self.accepted(self.send_report("application/octet-stream", bytes).await)
    }

    /// Uploads readings.
    pub async fn readings(&self, readings: &Value) -> Upload {
        let path = format!("{}/readings", self.path);
        self.accepted(self.api.post(&path, &json!({ "readings": readings })).await)
    }

    /// An upload that must have been accepted.
    pub fn accepted(&self, answer: Answer) -> Upload {
        let location = answer.header("location").to_owned();
        let body = answer.expect(202);
        assert!(
            location.ends_with(body["task"].as_str().unwrap_or("no task")),
            "{location} {body}"
        );
        Upload {
            api: self.api.clone(),
            location,
            count: body["count"].as_u64().unwrap_or_default(),
        }
    }

    /// The names of the device's streams.
    pub async fn streams(&self) -> Vec<String> {
        let page = self.api.get(&format!("{}/streams", self.path)).await.expect(200);
        let items = page["items"].as_array().into_iter().flatten();
        items
            .map(|stream| stream["variable"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Every reading of a stream that the query selects, page by page.
    pub async fn all_readings(&self, variable: &str, query: &str) -> Vec<Value> {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("{}/streams/{variable}/readings?limit=1000{query}{cursor}", self.path);
            let page = self.api.get(&path).await.expect(200);
            found.extend(page["items"].as_array().cloned().unwrap_or_default());
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return found,
            }
        }
    }

    /// The statistics of a stream.
    pub async fn statistics(&self, variable: &str, query: &str) -> Vec<Value> {
        let page = self
            .api
            .get(&format!("{}/streams/{variable}/statistics?{query}", self.path))
            .await
            .expect(200);
        page["items"].as_array().cloned().unwrap_or_default()
    }
}

impl Upload {
    /// Waits for the end; how many of the readings and events were new.
    pub async fn added(&self) -> u64 {
        let task = finished(&self.api, &self.location).await;
        assert_eq!(task["status"], "succeeded", "{task}");
        assert_eq!(task["count"], self.count, "{task}");
        task["added"].as_u64().unwrap_or_default()
    }
}
