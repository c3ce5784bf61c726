//! The emulator's Python environment: found, made once, and made again when its requirements change.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::child::{last_line, output};
use crate::failure::{Failure, OrFail, Result};
use crate::progress::Progress;
use crate::{paths, state};

const REQUIREMENTS: &str = include_str!("../requirements.txt");
/// What the pinned packages need at least.
const MINIMUM: (u32, u32) = (3, 11);
const CANDIDATES: [&str; 6] = [
    "python3",
    "python3.14",
    "python3.13",
    "python3.12",
    "python3.11",
    "python",
];
const WHAT: &str = "preparing the AWS emulator";
const INSTALL: &str =
    "install Python 3.11 or newer with its venv module (Debian, Ubuntu: apt install python3 python3-venv)";

/// Answers the interpreter of an environment that has the emulator, making the environment when it must.
pub(crate) async fn environment(progress: Progress) -> Result<PathBuf> {
    let directory = paths::target().join("emulator");
    // Test processes start together; the first makes the environment, the others wait for it.
    let _lock = state::lock(&directory.with_extension("lock")).await?;
    let (interpreter, stamp) = (directory.join("bin/python"), directory.join("requirements.stamp"));
    if std::fs::read_to_string(&stamp).is_ok_and(|made| made == REQUIREMENTS) && interpreter.exists() {
        return Ok(interpreter);
    }
    let step = progress.step("Installing the AWS emulator");
    let python = find().await?;
    if directory.exists() {
        std::fs::remove_dir_all(&directory).or_fail(WHAT, "remove that directory")?;
    }
    run(Command::new(python).args(["-m", "venv"]).arg(&directory), INSTALL).await?;
    install(&interpreter, &directory).await?;
    // Last, so that an interrupted installation is made anew.
    std::fs::write(&stamp, REQUIREMENTS).or_fail(WHAT, "make the target directory writable")?;
    step.done("ready");
    Ok(interpreter)
}

async fn install(interpreter: &Path, directory: &Path) -> Result<()> {
    let list = directory.join("requirements.txt");
    std::fs::write(&list, REQUIREMENTS).or_fail(WHAT, "make the target directory writable")?;
    let mut pip = Command::new(interpreter);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
        "--requirement",
    ])
    .arg(list);
    run(&mut pip, "check the connection to PyPI and run again").await
}

/// The first interpreter that will do; otherwise why the best of them will not.
async fn find() -> Result<&'static str> {
    let mut why = "there is no python3 on the PATH".to_owned();
    for candidate in CANDIDATES {
        let probe = "import sys, venv, ensurepip; print(*sys.version_info[:2])";
        let Ok(answer) = output(Command::new(candidate).args(["-c", probe])).await else {
            continue;
        };
        if !answer.status.success() {
            why = format!("{candidate} cannot make environments ({})", last_line(&answer.stderr));
            continue;
        }
        match version(&answer.stdout) {
            Some(found) if found >= MINIMUM => return Ok(candidate),
            found => {
                let (major, minor) = found.unwrap_or_default();
                why = format!(
                    "{candidate} is Python {major}.{minor}, older than {}.{}",
                    MINIMUM.0, MINIMUM.1
                );
            }
        }
    }
    Err(Failure::new(WHAT, why, INSTALL))
}

fn version(stdout: &[u8]) -> Option<(u32, u32)> {
    let text = String::from_utf8_lossy(stdout);
    let mut numbers = text.split_whitespace().map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

async fn run(command: &mut Command, remedy: &str) -> Result<()> {
    let output = output(command).await.or_fail(WHAT, remedy)?;
    if output.status.success() {
        return Ok(());
    }
    let said = if output.stderr.is_empty() {
        &output.stdout
    } else {
        &output.stderr
    };
    Err(Failure::new(WHAT, last_line(said), remedy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions() {
        assert_eq!(version(b"3 12\n"), Some((3, 12)));
        assert_eq!(version(b"nonsense"), None);
        assert!((3, 9) < MINIMUM && (4, 0) > MINIMUM);
    }
}
