//! A cloud that is stopped and started again goes on where it was.

use local::{Cloud, CloudOptions};
use tests::{Api, Person, RECEIVED_AT, finished, sample, state_dir};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_survives_a_restart() {
    // Built once, by the shared cloud, before a second one starts.
    tests::base_url();
    let directory = state_dir("restart");
    let cloud = Cloud::start(CloudOptions {
        reset: true,
        ..CloudOptions::new(&directory)
    })
    .await
    .unwrap();
    let ada = Person::at(&Api::at(&cloud.base_url()), "Ada").await;
    let acme = ada.organization("Acme").await;
    let device = acme.device(12345).await;
    let path = format!("{}/reports?received_at={RECEIVED_AT}", device.path);
    let upload = ada
        .api
        .upload(&path, "application/octet-stream", sample("valid_large_10000.bin"))
        .await;
    let task = upload.header("location").to_owned();
    upload.expect(202);
    cloud.stop().await.unwrap();

    let cloud = Cloud::start(CloudOptions::new(&directory)).await.unwrap();
    let again = Api::at(&cloud.base_url()).bearer(ada.session["access_token"].as_str().unwrap());
    assert_eq!(again.get(&acme.path("")).await.expect(200)["status"], "active");
    let done = finished(&again, &task).await;
    assert_eq!(
        (done["status"].as_str(), done["added"].as_u64()),
        (Some("succeeded"), Some(10_000)),
        "{done}"
    );
    let statistics = again
        .get(&format!("{}/streams/5001/statistics", device.path))
        .await
        .expect(200);
    assert_eq!(statistics["items"][0]["count"], 2500);
    cloud.stop().await.unwrap();
}
