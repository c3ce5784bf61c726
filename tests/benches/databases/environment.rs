//! An execution environment as Lambda keeps it: a function's own process, and the Runtime API that it asks for work.

use crate::runtime::{PATIENCE, Runtime, Seen};
use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// One process of a function, which works on one event at a time. It ends with this value.
pub struct Environment {
    child: Child,
    runtime: Runtime,
}

impl Environment {
    /// Starts a function's binary with these variables and nothing else.
    pub fn start(binary: &Path, variables: &[(&str, &str)]) -> Self {
        let runtime = Runtime::start();
        let mut command = Command::new(binary);
        command
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", &runtime.address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "bench")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
            .envs(variables.iter().copied())
            .stdout(Stdio::null());
        let child = command.spawn().unwrap();
        Self { child, runtime }
    }

    /// Hands it an event; its answer.
    pub fn invoke(&self, event: &Value) -> Value {
        self.runtime.events.send(event.clone()).unwrap();
        loop {
            if let Seen::Answered(_, _, answer) = self.runtime.seen.recv_timeout(PATIENCE).unwrap() {
                return answer;
            }
        }
    }

    /// Its time on the processors so far.
    pub fn on_processor(&self) -> Duration {
        crate::process::on_processor(self.child.id())
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
