//! The local cloud as its users meet it: it starts, serves, stops, goes on, and never leaves a process behind.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use local::{Cloud, CloudOptions, cloud};

/// A state directory of the test's own, empty.
fn state_dir(test: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    // Not there the first time.
    let _ = std::fs::remove_dir_all(&directory);
    directory
}

fn answers(url: &str) -> bool {
    TcpStream::connect(url.trim_start_matches("http://")).is_ok()
}

#[tokio::test]
async fn a_restart_goes_on_where_the_stop_left_off() {
    let options = CloudOptions::new(state_dir("restart"));
    let outputs = [
        "ApiId",
        "UserPoolId",
        "UserPoolClientId",
        "TaskQueueUrl",
        "StorageBucket",
    ];
    let read = |cloud: &Cloud| outputs.map(|name| cloud.stack_output(name).map(str::to_owned));

    let first = Cloud::start(options.clone()).await.expect("a first start");
    let (before, endpoint, address) = (read(&first), first.endpoint(), first.base_url());
    assert!(before.iter().all(Option::is_some), "{before:?}");
    first.stop().await.expect("a stop that saves the state");
    assert!(!answers(&endpoint) && !answers(&address), "something still listens");

    let started = Instant::now();
    let second = Cloud::start(options).await.expect("a second start");
    assert_eq!((read(&second), second.endpoint()), (before, endpoint));
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "a warm start took {:?}",
        started.elapsed()
    );
    second.stop().await.expect("a second stop");
}

#[tokio::test]
async fn nothing_outlives_a_cloud_that_is_killed() {
    let state = state_dir("killed");
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command
        .args(["--port", "0", "--state-dir"])
        .arg(&state)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let mut cloud = command.spawn().expect("the local cloud");
    let deployed = state.join("deployed.json");
    while !deployed.exists() {
        assert!(
            cloud.try_wait().expect("its status").is_none(),
            "it ended before it was killed"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let record: serde_json::Value = serde_json::from_slice(&std::fs::read(&deployed).expect("a record")).expect("JSON");
    let emulator = format!("http://127.0.0.1:{}", record["port"]);
    assert!(answers(&emulator));

    cloud.kill().expect("SIGKILL");
    cloud.wait().expect("its end");
    cloud::settled(&state)
        .await
        .expect("the emulator to let go of the state");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!answers(&emulator), "the emulator outlived its cloud");
    assert!(
        state.join("emulator/cognito.json").exists(),
        "the emulator saved nothing"
    );
}

#[test]
fn a_port_in_use_is_one_clear_line() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("its number").port().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    let output = command
        .args(["--port", &port, "--state-dir"])
        .arg(state_dir("port"))
        .output()
        .expect("the local cloud");
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!((output.status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(said.contains(&port) && said.contains("--port"), "{said}");
}
