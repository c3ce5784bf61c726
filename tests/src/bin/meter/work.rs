//! Pieces of work as clients have it done. Each says how many requests it was, and how many bytes were answered.

use crate::report::report;
use serde_json::json;
use std::ops::Range;
use tests::{Answer, Device, Organization, Person};

/// Readings of a report.
const READINGS: u32 = 10;
/// Devices that send side by side.
const DEVICES: u32 = 10;

/// A device, and a client in a session of its own.
pub struct Sender {
    device: Device,
    api: tests::Api,
    hardware_id: u32,
}

/// Bytes of a report.
pub fn report_bytes() -> usize {
    report(0, 0, READINGS).len()
}

/// The devices.
pub async fn devices(org: &Organization) -> Vec<Sender> {
    let mut senders = Vec::new();
    for n in 0..DEVICES {
        let hardware_id = 7_000 + n;
        let device = org.device(hardware_id).await;
        let api = device.session().await;
        senders.push(Sender {
            device,
            api,
            hardware_id,
        });
    }
    senders
}

/// Bytes of an answer as they travel: its head, and its body.
fn bytes(answer: &Answer) -> u64 {
    let head: usize = answer
        .headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    (head + answer.text.len()) as u64
}

/// These reports of every device, all devices at once, each after the one before.
pub async fn uploads(senders: &[Sender], reports: Range<u32>) -> (u32, u64) {
    let each = senders.iter().map(|sender| {
        let (api, hardware_id, reports) = (sender.api.clone(), sender.hardware_id, reports.clone());
        tokio::spawn(async move {
            let mut sum = 0;
            for nth in reports {
                let path = format!("/v1/device/reports?received_at={}", received_at(nth));
                let answer = api
                    .upload(&path, "application/octet-stream", report(hardware_id, nth, READINGS))
                    .await;
                assert_eq!(answer.status, 202, "{}", answer.text);
                sum += bytes(&answer);
            }
            sum
        })
    });
    let mut sum = 0;
    for sent in each.collect::<Vec<_>>() {
        sum += sent.await.unwrap_or_else(|failure| panic!("{failure}"));
    }
    (reports.len() as u32 * senders.len() as u32, sum)
}

/// A minute a report, from the beginning of 2026 on.
fn received_at(nth: u32) -> String {
    format!("2026-01-02T{:02}:{:02}:00Z", 3 + nth / 60, nth % 60)
}

/// What a person looks at: paths of an organisation's things.
pub fn page(org: &Organization, sender: &Sender) -> Vec<String> {
    let device = &sender.device.path;
    vec![
        "/v1/me".to_owned(),
        org.path(""),
        org.path("/projects"),
        format!("{}/devices", sender.device.project.as_deref().unwrap_or_default()),
        format!("{device}/readings?variables=5001,5002&limit=20"),
        format!("{device}/streams"),
        format!("{device}/streams/5001/readings?last=100"),
        format!("{device}/streams/5001/statistics?window=5m"),
    ]
}

/// Looks at everything that often.
pub async fn views(org: &Organization, page: &[String], times: u32) -> (u32, u64) {
    let (mut count, mut sum) = (0, 0);
    for path in (0..times).flat_map(|_| page) {
        let answer = org.owner.api.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        (count, sum) = (count + 1, sum + bytes(&answer));
    }
    (count, sum)
}

/// Makes that many projects: a change with its journal entry each.
pub async fn changes(org: &Organization, times: u32) -> (u32, u64) {
    let mut sum = 0;
    for n in 0..times {
        let answer = org
            .owner
            .api
            .post(&org.path("/projects"), &json!({ "name": format!("Line {n}") }))
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        sum += bytes(&answer);
    }
    (times, sum)
}

/// Somebody new signs in that often.
pub async fn sign_ins(times: u32) -> (u32, u64) {
    let person = Person::new("Metered").await;
    let mut sum = 0;
    for _ in 0..times {
        let answer = tests::sign_in(&person.api, &person.email).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        sum += bytes(&answer);
    }
    (times, sum)
}
