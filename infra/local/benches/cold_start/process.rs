//! One process from its start to its end, and what Linux says of it.

use crate::SETTLING;
use crate::jobs::Job;
use crate::runtime::{PATIENCE, Runtime, Seen};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How a program is started.
#[derive(Clone)]
pub struct Start {
    pub program: PathBuf,
    pub arguments: Vec<String>,
    pub environment: Vec<(String, String)>,
}

impl Start {
    /// The same as Lambda starts it ahead of need (AWS "Defined runtime environment variables").
    pub fn made_ahead(&self) -> Self {
        let mut start = self.clone();
        start
            .environment
            .push((KIND.to_owned(), "provisioned-concurrency".to_owned()));
        start
    }

    fn spawn(&self, runtime: &Runtime) -> Child {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).env_clear().envs(lambda(runtime));
        command.envs(self.environment.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let shown = std::env::var_os("COLD_START_LOGS").is_some();
        command.stderr(if shown { Stdio::inherit() } else { Stdio::null() });
        if shown {
            command.stdout(Stdio::inherit());
        }
        command.spawn().unwrap()
    }
}

/// Says why Lambda made an environment.
const KIND: &str = "AWS_LAMBDA_INITIALIZATION_TYPE";

/// What Lambda sets.
fn lambda(runtime: &Runtime) -> Vec<(String, String)> {
    let fixed = [
        (KIND, "on-demand"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "example"),
        ("AWS_SESSION_TOKEN", "example"),
        ("AWS_LAMBDA_FUNCTION_NAME", "measured"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "measured"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "measured"),
        ("LANG", "en_US.UTF-8"),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
    ];
    let fixed = fixed.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let api = ("AWS_LAMBDA_RUNTIME_API".to_owned(), runtime.address.clone());
    fixed.into_iter().chain([api]).collect()
}

/// What one process did.
pub struct Started {
    /// From its start to its first poll.
    pub poll: Duration,
    /// From its start to its first answer, the event waiting for it.
    pub first: Duration,
    /// Processor time up to there.
    pub first_cpu: Duration,
    /// From an event to its answer.
    pub warm: Vec<Duration>,
    /// Processor time of one of those.
    pub warm_cpu: Duration,
    /// The most memory it had at once, in bytes.
    pub memory: u64,
    /// What its first answer says.
    pub verdict: String,
}

/// Starts a program, asks it once and then `warm` times, and ends it.
pub fn run(start: &Start, job: &Job, warm: usize) -> Started {
    let runtime = Runtime::start();
    runtime.events.send(job.event.clone()).unwrap();
    let begun = Instant::now();
    let mut child = start.spawn(&runtime);
    let of = child.id();
    let poll = polled(&runtime) - begun;
    let (answered, success, said) = answered(&runtime);
    polled(&runtime);
    let first_cpu = on_processor(of);
    let (mut took, mut before) = (Vec::new(), first_cpu);
    for n in 0..warm {
        if n == SETTLING {
            before = on_processor(of);
        }
        let asked = Instant::now();
        runtime.events.send(job.event.clone()).unwrap();
        took.push(self::answered(&runtime).0 - asked);
        polled(&runtime);
    }
    let warm_cpu = on_processor(of).saturating_sub(before);
    let memory = most_memory(of);
    child.kill().unwrap();
    child.wait().unwrap();
    Started {
        poll,
        first: answered - begun,
        first_cpu,
        warm: took.split_off(SETTLING.min(warm)),
        warm_cpu: warm_cpu / u32::try_from(warm.saturating_sub(SETTLING).max(1)).unwrap(),
        memory,
        verdict: job.verdict(success, &said),
    }
}

fn polled(runtime: &Runtime) -> Instant {
    match runtime.seen.recv_timeout(PATIENCE) {
        Ok(Seen::Polled(at)) => at,
        Ok(Seen::Answered(_, _, said)) => panic!("it failed to start: {said}"),
        Err(_) => panic!("it did not ask for an event: COLD_START_LOGS=1 shows what it says"),
    }
}

fn answered(runtime: &Runtime) -> (Instant, bool, Value) {
    match runtime.seen.recv_timeout(PATIENCE) {
        Ok(Seen::Answered(at, success, said)) => (at, success, said),
        _ => panic!("it did not answer: COLD_START_LOGS=1 shows what it says"),
    }
}

/// How long the threads of a process have been on a processor (Linux "Documentation/scheduler/sched-stats").
fn on_processor(process: u32) -> Duration {
    let threads = fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let of = |thread: std::io::Result<fs::DirEntry>| {
        let text = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    };
    Duration::from_nanos(threads.filter_map(of).sum())
}

/// The most memory a process had at once (proc_pid_status(5), `VmHWM`).
fn most_memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    kilobytes * 1024
}
