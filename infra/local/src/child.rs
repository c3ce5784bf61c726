//! Child processes that end with everything they started when nobody waits for them any more.

use std::io;
use std::process::{Output, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

/// A child in a process group of its own, so that a compiler's or installer's own children can be ended too.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        // No id: it has ended and been waited for.
        if let Some(pid) = self.0.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
            let _ = kill_process_group(pid, Signal::TERM);
        }
    }
}

/// Runs a command to its end and answers what it wrote.
pub(crate) async fn output(command: &mut Command) -> io::Result<Output> {
    each_line(command, |_| {}).await
}

/// Runs a command to its end, handing over each line of its standard output. The answer holds its standard error.
pub(crate) async fn each_line(command: &mut Command, mut line: impl FnMut(&str)) -> io::Result<Output> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    let mut group = Group(command.spawn()?);
    let (stdout, stderr) = (group.0.stdout.take(), group.0.stderr.take());
    let read_lines = async {
        let mut all = Vec::new();
        if let Some(stdout) = stdout {
            let mut lines = BufReader::new(stdout).lines();
            while let Some(text) = lines.next_line().await? {
                line(&text);
                all.extend_from_slice(text.as_bytes());
                all.push(b'\n');
            }
        }
        io::Result::Ok(all)
    };
    let read_errors = async {
        let mut all = Vec::new();
        if let Some(mut stderr) = stderr {
            stderr.read_to_end(&mut all).await?;
        }
        io::Result::Ok(all)
    };
    let (stdout, stderr) = tokio::try_join!(read_lines, read_errors)?;
    Ok(Output {
        status: group.0.wait().await?,
        stdout,
        stderr,
    })
}

/// The last line that says something: where command-line tools put the reason.
pub(crate) fn last_line(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let line = text.lines().rev().find(|line| !line.trim().is_empty());
    line.unwrap_or("it said nothing").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hands_over_lines_and_keeps_errors() {
        let mut lines = Vec::new();
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo two; echo no >&2; exit 3"]);
        let output = each_line(&mut command, |line| lines.push(line.to_owned()))
            .await
            .unwrap();
        assert_eq!(
            (lines, output.status.code()),
            (vec!["one".to_owned(), "two".to_owned()], Some(3))
        );
        assert_eq!(last_line(&output.stderr), "no");
    }

    #[tokio::test]
    async fn ends_grandchildren_when_dropped() {
        let directory = std::env::temp_dir().join(format!("group-{}", std::process::id()));
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg(format!("(sleep 1; touch {}) & wait", directory.display()));
        let run = tokio::time::timeout(std::time::Duration::from_millis(300), output(&mut command));
        assert!(run.await.is_err());
        tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
        assert!(!directory.exists(), "the grandchild went on");
    }
}
