//! The journal as a file: asked for, downloaded by a link, checked without Millwright.

use aws_s3::{Bucket, FileState};
use domain::journal::{KeyRing, Verdict, Verifier};
use domain::task::TaskFile;
use flate2::read::MultiGzDecoder;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io::Read;
use tests::{Api, Organization, answer, aws, finished};

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn download(url: &str) -> Vec<u8> {
    let got = reqwest::get(url).await.unwrap();
    assert_eq!(got.status(), 200);
    got.bytes().await.unwrap().to_vec()
}

/// Asks for an export and waits for it; the path of its file.
async fn exported(org: &Organization, asked: &Value) -> String {
    let accepted = org.owner.api.post(&org.path("/journal/exports"), asked).await;
    assert_eq!(accepted.status, 202, "{}", accepted.text);
    let task = accepted.header("location").to_owned();
    let ended = finished(&org.owner.api, &task).await;
    assert_eq!(ended["status"], "succeeded", "{ended}");
    format!("{task}/file")
}

/// The lines of a file, after a look at what was said of it.
pub async fn lines(api: &Api, path: &str) -> Vec<String> {
    let file = api.get(path).await.expect(200);
    let bytes = download(file["url"].as_str().unwrap()).await;
    assert_eq!(json!(bytes.len()), file["bytes"]);
    assert_eq!(json!(hex(&bytes)), file["sha256"]);
    unpacked(&bytes)
}

/// The lines of a file in gzip.
pub fn unpacked(bytes: &[u8]) -> Vec<String> {
    let mut text = String::new();
    MultiGzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text.lines().map(str::to_owned).collect()
}

async fn verdict(lines: &[String]) -> Verdict {
    let keys = Api::anonymous().get("/v1/journal-keys").await.expect(200);
    let mut verifier = Verifier::new(KeyRing::parse(&keys.to_string()).ok(), Vec::new());
    lines.iter().for_each(|line| verifier.line(line));
    verifier.finish()
}

#[tokio::test]
async fn an_owner_downloads_the_journal_and_an_auditor_finds_it_whole() {
    let acme = Organization::new("Acme").await;
    acme.device(7).await;
    let file = exported(&acme, &json!({})).await;
    let whole = lines(&acme.owner.api, &file).await;
    let found = verdict(&whole).await;
    // Three changes, and that the export was asked for.
    assert_eq!((found.entries, found.confirmed), (4, 4));
    assert_eq!((found.signatures_checked, found.divergences), (true, vec![]));
    let mut cut = whole.clone();
    cut.remove(1);
    assert!(!verdict(&cut).await.divergences.is_empty());
    // A copy that was made is itself in the journal.
    let told = acme
        .owner
        .api
        .get(&acme.path("/journal?action=journal.exported"))
        .await
        .expect(200);
    assert_eq!(told["items"][0]["after"]["last"], 4);
    // One stretch of it: from the second entry to before the last.
    let at = |line: usize| serde_json::from_str::<Value>(&whole[line]).unwrap()["at"].clone();
    let part = exported(&acme, &json!({ "from": at(1), "to": at(3) })).await;
    let part = lines(&acme.owner.api, &part).await;
    assert_eq!(part[..part.len() - 1], whole[1..3]);
    assert_eq!(verdict(&part).await.divergences, []);
}

#[tokio::test]
async fn a_file_is_for_those_who_may_ask_for_it_and_for_seven_days() {
    let acme = Organization::new("Acme").await;
    let path = acme.path("/journal/exports");
    let api = &acme.owner.api;
    let backwards = json!({ "from": "2026-01-02T03:04:05Z", "to": "2026-01-02T03:04:05Z" });
    api.post(&path, &backwards).await.problem(422);
    let manager = acme.member("manager").await;
    manager.api.post(&path, &json!({})).await.problem(403);
    // Asked for twice with one key, it is one task.
    let ask = || {
        let request = api.request(Method::POST, &path).header("idempotency-key", "the-one");
        answer(request.json(&json!({})))
    };
    let (one, two) = (ask().await, ask().await);
    assert_eq!(one.expect(202)["id"], two.clone().expect(202)["id"]);
    let task = two.header("location").to_owned();
    finished(api, &task).await;
    let file = format!("{task}/file");
    api.get(&file).await.expect(200);
    acme.member("admin").await.api.get(&file).await.expect(200);
    manager.api.get(&file).await.problem(403);
    let rival = Organization::new("Rival").await;
    rival.owner.api.get(&file).await.problem(404);
    // The task that made the organisation has made no file.
    let tasks = api.get(&acme.path("/tasks?kind=organization.create")).await.expect(200);
    let first = tasks["items"][0]["id"].as_str().unwrap();
    api.get(&acme.path(&format!("/tasks/{first}/file"))).await.problem(404);
    // Eight days later.
    let directory = aws::DIRECTORY;
    let rows = aws::partition(directory, &format!("ORG#{}", acme.id)).await;
    let id = task.rsplit('/').next().unwrap();
    let mut row = rows.into_iter().find(|row| row["id"] == id).unwrap();
    row["finished_at"] = json!((tests::now() - jiff::SignedDuration::from_hours(8 * 24)).to_string());
    aws::put(directory, &row).await;
    api.get(&file).await.problem(404);
}

/// A file of several parts, written in several steps, one of them twice and the last cut off from its end.
#[tokio::test]
async fn a_file_of_many_parts_is_what_was_written() {
    let aws = aws_config::defaults(aws_config::BehaviorVersion::latest()).test_credentials();
    let aws = aws
        .region(aws_config::Region::new("us-east-1"))
        .endpoint_url(tests::endpoint());
    let bucket = Bucket::new(&aws.load().await, tests::bucket().to_owned());
    let key = format!("exports/{}.bin.gz", tests::unique("parts"));
    // Three megabytes each that do not compress.
    let piece = |n: u8| -> Vec<u8> {
        let blocks = (0..98_304_u32).flat_map(|block| Sha256::digest([&[n][..], &block.to_be_bytes()].concat()));
        blocks.collect()
    };
    let mut state = FileState::default();
    let step = async |n: u8, from: &FileState| {
        let mut file = bucket.write_file(key.clone(), from.clone()).await.unwrap();
        file.append(&piece(2 * n)).await.unwrap();
        file.append(&piece(2 * n + 1)).await.unwrap();
        file.pause().await.unwrap()
    };
    for n in 0..3 {
        let before = state.clone();
        state = step(n, &before).await;
        // A step that is lost before its state is saved is taken again, over the same places; the upload it had begun is another.
        if n > 1 {
            assert_eq!(step(n, &before).await, state);
        }
    }
    let file = bucket.write_file(key.clone(), state.clone()).await.unwrap();
    let made: TaskFile = file.finish().await.unwrap();
    let bytes = bucket.get(&key).await.unwrap().unwrap();
    assert_eq!((bytes.len() as u64, hex(&bytes)), (made.bytes, made.sha256.clone()));
    let mut content = Vec::new();
    MultiGzDecoder::new(&bytes[..]).read_to_end(&mut content).unwrap();
    let expected: Vec<u8> = (0..6).flat_map(piece).collect();
    assert!(content == expected, "{} bytes", content.len());
    // The upload is over: whoever goes on from before its end is told to begin anew.
    let mut late = bucket.write_file(key, state).await.unwrap();
    let told = async {
        late.append(&piece(9)).await?;
        late.append(&piece(9)).await?;
        late.append(&piece(9)).await?;
        late.finish().await
    };
    assert_eq!(told.await, Err(domain::ServiceError::Conflict));
}
