//! A deployment in the middle of the work: every function is replaced while people call and tasks run. Nothing is lost, and whoever meets with
//! an error is served at the next try.

use local::{Cloud, CloudOptions};
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tests::{Answer, Api, Device, Emulator, Person, finished_within, state_dir};

const STACK: &str = "millwright-local";
const ARTIFACTS: &str = "millwright-artifacts";
/// How long work goes on before the deployment and after it.
const BESIDE: Duration = Duration::from_secs(3);
/// How often a request is repeated before it counts as refused.
const TRIES: usize = 20;
/// How long the deployment itself may take.
const DEPLOYED_WITHIN: Duration = Duration::from_secs(240);

/// What workers are given to do. Messages are hidden for so many seconds, and not for the template's six minutes, once a worker has them: the emulator
/// cuts off what a replaced function has under way, which AWS does not, and the message shows again only then.
const QUEUES: [&str; 3] = ["tasks", "readings", "reports.fifo"];
const HIDDEN: &str = "30";
/// How long what was under way may take, cut off and begun again.
const CUT_OFF: Duration = Duration::from_secs(120);

/// What is going on at the plant while the functions are replaced.
#[derive(Clone)]
struct Work {
    device: Device,
    over: Arc<AtomicBool>,
    repeated: Arc<AtomicUsize>,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_in_the_middle_of_the_work_loses_nothing() {
    // Built once, by the shared cloud, before another one starts.
    tests::base_url();
    let options = CloudOptions {
        reset: true,
        ..CloudOptions::new(state_dir("deployment"))
    };
    let cloud = Cloud::start(options).await.unwrap();
    let emulator = Emulator::at(&cloud.endpoint());
    for queue in QUEUES {
        let queue = emulator.queue(&format!("millwright-local-{queue}"));
        let set = json!({ "QueueUrl": queue, "Attributes": { "VisibilityTimeout": HIDDEN } });
        emulator.call("AmazonSQS.SetQueueAttributes", &set).await;
    }
    let acme = Person::at(&Api::at(&cloud.base_url()), "Ada")
        .await
        .organization("Acme")
        .await;
    let work = Work {
        device: acme.device(1).await,
        over: Arc::default(),
        repeated: Arc::default(),
    };

    let uploads = tokio::spawn(work.clone().upload());
    let deletions = tokio::spawn(work.clone().register_and_delete());
    tokio::time::sleep(BESIDE).await;
    for (before, after) in [("info", "warn"), ("warn", "info"), ("info", "warn")] {
        deploy(&emulator, before, after).await;
        tokio::time::sleep(BESIDE).await;
    }
    work.over.store(true, Ordering::Relaxed);
    let (uploads, deletions) = (uploads.await.unwrap(), deletions.await.unwrap());
    println!(
        "{} uploads and {} deletions during a deployment, {} requests repeated",
        uploads.len(),
        deletions,
        work.repeated.load(Ordering::Relaxed)
    );

    for location in &uploads {
        let task = finished_within(CUT_OFF, &work.device.api, location).await;
        assert_eq!(
            (&task["status"], &task["added"]),
            (&json!("succeeded"), &json!(1)),
            "{task}"
        );
    }
    assert_eq!(work.device.all_readings("n", "").await.len(), uploads.len());
    assert_eq!(purged(&work, deletions).await, deletions);
    cloud.stop().await.unwrap();
}

impl Work {
    /// Sends a request until it succeeds. An error is one of the system's that passes; its answer is the last one's.
    async fn insist(&self, request: impl Fn() -> RequestBuilder, gone: &[u16]) -> Answer {
        for tried in 0..TRIES {
            let answer = tests::answer(request()).await;
            match answer.status {
                200..=299 => return answer,
                // What an earlier try has done though its answer was an error.
                status if tried > 0 && gone.contains(&status) => return answer,
                429 | 500..=599 => {
                    self.repeated.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                _ => panic!("{}", answer.text),
            }
        }
        panic!("no try of {TRIES} succeeded");
    }

    /// Uploads a reading after the other; where the tasks are.
    async fn upload(self) -> Vec<String> {
        let (mut locations, path) = (Vec::new(), format!("{}/readings", self.device.path));
        while !self.over.load(Ordering::Relaxed) {
            let n = locations.len();
            let time = format!("2026-01-02T{:02}:{:02}:{:02}Z", n / 3600, n / 60 % 60, n % 60);
            let body = json!({ "readings": [{ "variable": "n", "time": time, "value": n }] });
            let request = || self.device.api.request(Method::POST, &path).json(&body);
            let answer = self.insist(request, &[]).await;
            locations.push(answer.header("location").to_owned());
        }
        locations
    }

    /// Registers devices and deletes them again, which leaves a task each; how many.
    async fn register_and_delete(self) -> usize {
        let (api, project) = (&self.device.api, self.device.org.project("Come and gone").await);
        let mut deleted = 0;
        while !self.over.load(Ordering::Relaxed) {
            let body = json!({ "name": "Press", "hardware_id": 1_000 + deleted });
            let key = tests::unique("device");
            let post = || {
                let request = api.request(Method::POST, &format!("{project}/devices"));
                request.header("idempotency-key", format!("\"{key}\"")).json(&body)
            };
            let device = self.insist(post, &[]).await.text_of("id");
            let path = format!("{project}/devices/{device}");
            let delete = || api.request(Method::DELETE, &path).header("if-match", "\"1\"");
            self.insist(delete, &[404, 412]).await;
            deleted += 1;
        }
        deleted
    }
}

/// Waits until every deleted device is purged; how many were, by the journal.
async fn purged(work: &Work, deletions: usize) -> usize {
    let begun = Instant::now();
    let tasks = work.device.org.path("/tasks?kind=device.purge&limit=1000");
    loop {
        let found = work.device.api.get(&tasks).await.expect(200);
        let done = found["items"].as_array().into_iter().flatten();
        let done = done.filter(|task| task["status"] == "succeeded").count();
        if done >= deletions {
            return done;
        }
        assert!(begun.elapsed() < CUT_OFF, "{done} of {deletions}: {found}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Deploys the stack again with another log level, which gives every function a new version.
async fn deploy(emulator: &Emulator, before: &str, after: &str) {
    let objects = emulator.objects(ARTIFACTS).await;
    let key = objects.iter().find(|key| key.starts_with("templates/")).unwrap();
    let template = emulator.object(ARTIFACTS, key).await;
    let [before, now] = [before, after].map(|level| format!("RUST_LOG: {level}"));
    assert!(template.contains(&before), "{template}");
    emulator
        .put_object(ARTIFACTS, key, template.replace(&before, &now))
        .await;
    let before = emulator
        .query("cloudformation", "DescribeStacks", &[("StackName", STACK)])
        .await;
    let mut update = vec![
        ("StackName".to_owned(), STACK.to_owned()),
        (
            "TemplateURL".to_owned(),
            format!("{}/{ARTIFACTS}/{key}", emulator.endpoint()),
        ),
        ("Capabilities.member.1".to_owned(), "CAPABILITY_NAMED_IAM".to_owned()),
        ("Capabilities.member.2".to_owned(), "CAPABILITY_AUTO_EXPAND".to_owned()),
    ];
    for (n, parameter) in before.split("<ParameterKey>").skip(1).enumerate() {
        let name = parameter.split('<').next().unwrap().to_owned();
        update.push((format!("Parameters.member.{}.ParameterKey", n + 1), name));
        update.push((
            format!("Parameters.member.{}.UsePreviousValue", n + 1),
            "true".to_owned(),
        ));
    }
    let update: Vec<_> = update
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    emulator.query("cloudformation", "UpdateStack", &update).await;
    let begun = Instant::now();
    loop {
        let now = emulator
            .query("cloudformation", "DescribeStacks", &[("StackName", STACK)])
            .await;
        if now.contains("<StackStatus>UPDATE_COMPLETE<") {
            break;
        }
        assert!(
            now.contains("_IN_PROGRESS<") && begun.elapsed() < DEPLOYED_WITHIN,
            "{now}"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    println!("deployed in {:?}", begun.elapsed());
    for function in ["aws-worker", "ingest-worker", "fleet", "telemetry", "authorizer"] {
        let level = log_level(emulator, function).await;
        assert!(level.starts_with(after), "{function}: {level}");
    }
}

/// The log level of the version of a function that is in use.
async fn log_level(emulator: &Emulator, function: &str) -> String {
    let path = format!("/2015-03-31/functions/millwright-local-{function}/configuration?Qualifier=live");
    let configuration = emulator.get(&path).await;
    configuration["Environment"]["Variables"]["RUST_LOG"]
        .as_str()
        .unwrap()
        .to_owned()
}
