//! The worker's processes.

use rustix::process::{Pid, Signal, kill_process};

/// Kills one of the worker's processes at the emulator of that address, the one that the dice point at; whether there was one.
pub fn kill_one(endpoint: &str, dice: u8) -> bool {
    let workers = workers(endpoint);
    let victim = workers.get(usize::from(dice) % workers.len().max(1));
    victim.is_some_and(|pid| kill_process(*pid, Signal::KILL).is_ok())
}

/// They are known by the environment that the emulator gives them.
fn workers(endpoint: &str) -> Vec<Pid> {
    let of_worker = |pid: &i32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let has = |variable: String| {
            environment
                .split(|byte| *byte == 0)
                .any(|known| known == variable.as_bytes())
        };
        has("AWS_LAMBDA_FUNCTION_NAME=millwright-local-aws-worker".to_owned())
            && has(format!("AWS_ENDPOINT_URL={endpoint}"))
    };
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(of_worker).filter_map(Pid::from_raw).collect()
}
