//! Reports that come in other ways than well-behaved.

use tests::{Device, Organization, sample};

#[tokio::test]
async fn a_report_by_key_is_as_good_and_its_task_belongs_to_its_organisation() {
    let press = Organization::new("Acme").await.device(12345).await;
    let (_, key) = press.org.key(&["telemetry.write", "task.read"]).await;
    let by_key = Device {
        api: key.clone(),
        ..press.clone()
    };
    let upload = by_key.report(sample("valid_small_16.bin")).await;
    assert_eq!(upload.added().await, 16);

    let rival = Organization::new("Rival").await;
    let task = upload.location.rsplit('/').next().unwrap();
    rival
        .owner
        .api
        .get(&rival.path(&format!("/tasks/{task}")))
        .await
        .problem(404);
    let (row, tag) = task.split_once('-').unwrap();
    let forged = format!("{row}-{}{}", if tag.starts_with('0') { '1' } else { '0' }, &tag[1..]);
    press
        .api
        .get(&press.org.path(&format!("/tasks/{forged}")))
        .await
        .problem(404);
    press.api.get(&press.org.path("/tasks/nonsense")).await.problem(404);
}

#[tokio::test]
async fn reports_sent_at_once_all_arrive_once() {
    let press = Organization::new("Acme").await.device(12345).await;
    let mut uploads = Vec::new();
    for file in [
        "valid_small_16.bin",
        "rtc_utc_5.bin",
        "valid_small_16.bin",
        "reboot_mid.bin",
        "valid_small_16.bin",
    ] {
        uploads.push(press.report(sample(file)).await);
    }
    let mut added = Vec::new();
    for upload in &uploads {
        added.push(upload.added().await);
    }
    assert_eq!((added[0], added[1], added[2], added[4]), (16, 5, 0, 0));
}

#[tokio::test]
async fn an_empty_report_is_accepted_and_adds_nothing() {
    let press = Organization::new("Acme").await.device(12345).await;
    let upload = press.report(sample("empty_0.bin")).await;
    assert_eq!((upload.count, upload.added().await), (0, 0));
}
