//! The emulator's process: started on a free loopback port, leashed to this process, stopped with its state saved.

use std::env;
use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, ChildStdin, Command};

use crate::aws::Aws;
use crate::child::last_line;
use crate::failure::{Failure, OrFail, Result};
use crate::state::StateDir;

const LAUNCHER: &str = include_str!("../launcher.py");
const WHAT: &str = "starting the AWS emulator";
const READY_WITHIN: Duration = Duration::from_secs(60);
/// Longer than the launcher's own last resort.
const STOP_WITHIN: Duration = Duration::from_secs(75);

/// A running emulator. Dropped without [`Emulator::stop`], it saves its state and ends on its own.
pub(crate) struct Emulator {
    child: Child,
    /// Open for as long as the emulator shall live; the launcher waits for its end.
    leash: Option<ChildStdin>,
    port: u16,
    log: PathBuf,
}

impl Emulator {
    /// Starts it at the port it had before, or at a free one, without waiting until it is ready.
    pub(crate) fn start(python: &Path, state: &StateDir, before: u16) -> Result<Self> {
        let port = port(before)?;
        let launcher = state.path("launcher.py");
        fs::write(&launcher, LAUNCHER).or_fail(WHAT, "make the state directory writable")?;
        let log = state.path("emulator.log");
        let output = File::create(&log).or_fail(WHAT, "make the state directory writable")?;
        let errors = output.try_clone().or_fail(WHAT, "raise the limit of open files")?;
        let mut command = Command::new(python);
        command
            .arg(launcher)
            .arg(state.path("emulator.lock"))
            .arg(state.path("actions.log"))
            .arg(state.path("meter.log"))
            .env_clear()
            .envs(environment(state, port));
        // A group of its own: Ctrl-C is for this process, which then stops the emulator in order.
        command
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(errors);
        let mut child = command.spawn().or_fail(WHAT, "remove target/emulator and run again")?;
        let leash = child.stdin.take();
        Ok(Self {
            child,
            leash,
            port,
            log,
        })
    }

    /// Where the AWS services answer.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The port it listens at.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Waits until it answers.
    pub(crate) async fn ready(&mut self) -> Result<()> {
        let aws = Aws::new(&self.endpoint());
        let answers = async {
            while !aws.is_ready().await {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::select! {
            () = answers => Ok(()),
            failure = self.ended() => Err(failure),
            () = tokio::time::sleep(READY_WITHIN) => Err(self.failure("it did not answer within a minute")),
        }
    }

    /// Waits until it ends by itself, which it never should.
    pub(crate) async fn ended(&mut self) -> Failure {
        match self.child.wait().await {
            Ok(status) => self.failure(&format!("it ended with {status}{}", self.last_words())),
            Err(error) => self.failure(&error.to_string()),
        }
    }

    /// Lets it save its state and end; by force when that takes too long.
    pub(crate) async fn stop(mut self) -> Result<()> {
        drop(self.leash.take());
        match tokio::time::timeout(STOP_WITHIN, self.child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(self.failure(&format!("its state may be lost: it ended with {status}"))),
            Ok(Err(error)) => Err(self.failure(&error.to_string())),
            Err(_) => {
                let _ = self.child.kill().await;
                Err(self.failure("its state may be lost: it did not end in time and was killed"))
            }
        }
    }

    fn failure(&self, why: &str) -> Failure {
        Failure::new(
            "running the AWS emulator",
            why,
            format!("see {}; if it stays so, run with --reset", self.log.display()),
        )
    }

    fn last_words(&self) -> String {
        match fs::read(&self.log) {
            Ok(log) if !log.is_empty() => format!(", saying {}", last_line(&log)),
            _ => String::new(),
        }
    }
}

/// The port it had before if that is free, since queue addresses hold it; otherwise any free one.
fn port(before: u16) -> Result<u16> {
    let free = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).and_then(|listener| listener.local_addr());
    let address = free(before)
        .or_else(|_| free(0))
        .or_fail(WHAT, "free a port on the loopback interface")?;
    Ok(address.port())
}

/// Nothing of the user's shell but the PATH: the functions inherit what the emulator gets.
fn environment(state: &StateDir, port: u16) -> Vec<(&'static str, std::ffi::OsString)> {
    vec![
        ("PATH", env::var_os("PATH").unwrap_or_default()),
        ("HOME", state.path("tmp").into()),
        ("TMPDIR", state.path("tmp").into()),
        ("LANG", "C.UTF-8".into()),
        ("BIND_HOST", "127.0.0.1".into()),
        ("GATEWAY_PORT", port.to_string().into()),
        ("MINISTACK_HOST", "127.0.0.1".into()),
        ("PERSIST_STATE", "1".into()),
        ("STATE_DIR", state.path("emulator").into()),
        ("S3_PERSIST", "1".into()),
        ("S3_DATA_DIR", state.path("objects").into()),
        ("IOT_MTLS_ENABLED", "0".into()),
        ("SFTP_ENABLED", "0".into()),
        ("AUTH", "true".into()),
        ("LOG_LEVEL", "WARNING".into()),
        ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}").into()),
    ]
}
