//! Whatever is sent to any operation of the contract, the answer is one that the contract names, and none is a fault of the system's.
//!
//! schemathesis makes the requests, from the contract that the running system itself serves: half of them as the contract wants them, half not.
//! It comes from PyPI, pinned with all it needs in `.ci/schemathesis.txt`, into an environment under `target/`. It sends what it can in
//! a minute; `MILLWRIGHT_FUZZ_SECONDS` gives it longer, `MILLWRIGHT_FUZZ_SEED` other requests.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on says so and ends"
)]

use local::Progress;
use local::python::Environment;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tests::{Organization, Person, sample};

const SECONDS: u32 = 60;
/// The same requests each time, so that what fails failed before.
const SEED: u32 = 1;

fn root() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).to_path_buf()
}

/// The program, installed at the first use and whenever what is pinned has changed.
async fn schemathesis() -> PathBuf {
    let pinned = std::fs::read_to_string(root().join(".ci/schemathesis.txt")).unwrap();
    let environment = Environment {
        name: "schemathesis",
        what: "schemathesis",
        requirements: &pinned,
    };
    let programs = environment.programs(Progress::Silent).await;
    programs.unwrap_or_else(|why| panic!("{why}")).join("schemathesis")
}

/// An organisation with something of everything, as the variables of `schemathesis.toml` and `hooks.py`.
async fn variables() -> Vec<(&'static str, String)> {
    let owner = Person::new("Owner").await.as_staff(tests::endpoint()).await;
    let press = owner.organization("Acme").await.device(12345).await;
    press.report(sample("valid_small_16.bin")).await.added().await;
    let org = &press.org;
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let first = async |below: &str| text(&press.api.get(&org.path(below)).await.expect(200)["items"][0]["id"]);
    let (invitation, token) = invite(org, "bea@example.com").await;
    let (spare_invitation, _) = invite(org, "cid@example.com").await;
    let spare = owner.organization("Spare").await;
    let access_token = |person: &Person| text(&person.session["access_token"]);
    vec![
        ("TOKEN", access_token(&owner)),
        ("ORG", org.id.clone()),
        ("PROJECT", first("/projects").await),
        ("DEVICE", press.path.rsplit('/').next().unwrap().to_owned()),
        ("TASK", first("/tasks").await),
        ("USER_ID", owner.id.clone()),
        ("KEY", org.key(&["org.read"]).await.0),
        ("INVITATION", invitation),
        ("INVITATION_TOKEN", token),
        ("SPARE_ORG", spare.id),
        ("SPARE_KEY", org.key(&["org.read"]).await.0),
        ("SPARE_INVITATION", spare_invitation),
        ("SPARE_TOKEN", access_token(&Person::new("Spare").await)),
    ]
}

async fn invite(org: &Organization, email: &str) -> (String, String) {
    let body = json!({ "email": email, "role": "viewer" });
    let invitation = org.owner.api.post(&org.path("/invitations"), &body).await.expect(201);
    let text = |member: &str| invitation[member].as_str().unwrap().to_owned();
    (text("id"), text("token"))
}

fn variable(name: &str) -> Option<u32> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_one_that_the_contract_names() {
    let here = root().join("tests/contract_fuzz");
    let seconds = variable("MILLWRIGHT_FUZZ_SECONDS").unwrap_or(SECONDS);
    let mut fuzz = Command::new(schemathesis().await);
    fuzz.arg("--config-file").arg(here.join("schemathesis.toml"));
    fuzz.args(["run", &format!("{}/v1/openapi.json", tests::base_url()), "--no-color"]);
    fuzz.args([
        "--max-time",
        &seconds.to_string(),
        "--phases",
        "examples,coverage,fuzzing",
    ]);
    let seed = variable("MILLWRIGHT_FUZZ_SEED").unwrap_or(SEED);
    fuzz.args(["--seed", &seed.to_string()]);
    fuzz.envs(variables().await).env("HOOKS", here.join("hooks.py"));
    fuzz.current_dir(root().join("target")).stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || fuzz.output().unwrap())
        .await
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    println!("{told}");
    let faults = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "schemathesis found answers outside the contract:\n{told}\n{faults}"
    );
}
