//! Python environments, the emulator's above all: an interpreter found, each environment made once, and made again when its requirements change.

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
const INSTALL: &str =
    "install Python 3.11 or newer with its venv module (Debian, Ubuntu: apt install python3 python3-venv)";

/// Answers the interpreter of an environment that has the emulator, making the environment when it must.
pub(crate) async fn emulator(progress: Progress) -> Result<PathBuf> {
    let environment = Environment {
        name: "emulator",
        what: "the AWS emulator",
        requirements: REQUIREMENTS,
    };
    Ok(environment.programs(progress).await?.join("python"))
}

/// A Python environment below Cargo's target directory, made at its first use and anew whenever something else is required.
pub struct Environment<'a> {
    /// Its directory's name.
    pub name: &'a str,
    /// What it has, as people read it.
    pub what: &'a str,
    /// The same in pip's format, every package with its version.
    pub requirements: &'a str,
}

impl Environment<'_> {
    /// Answers the directory of its programs, making it when it must.
    ///
    /// # Errors
    /// No Python that will do, no connection to PyPI, no place to write.
    pub async fn programs(&self, progress: Progress) -> Result<PathBuf> {
        let directory = paths::target().join(self.name);
        // Test processes start together; the first makes the environment, the others wait for it.
        let _lock = state::lock(&directory.with_extension("lock")).await?;
        let (programs, stamp) = (directory.join("bin"), directory.join("requirements.stamp"));
        let interpreter = programs.join("python");
        if std::fs::read_to_string(&stamp).is_ok_and(|made| made == self.requirements) && interpreter.exists() {
            return Ok(programs);
        }
        let step = progress.step(&format!("Installing {}", self.what));
        let python = self.find().await?;
        if directory.exists() {
            std::fs::remove_dir_all(&directory).or_fail(self.doing(), "remove that directory")?;
        }
        let mut venv = Command::new(python);
        self.run(venv.args(["-m", "venv"]).arg(&directory), INSTALL).await?;
        self.install(&interpreter, &directory).await?;
        // Last, so that an interrupted installation is made anew.
        std::fs::write(&stamp, self.requirements).or_fail(self.doing(), "make the target directory writable")?;
        step.done("ready");
        Ok(programs)
    }

    fn doing(&self) -> String {
        format!("preparing {}", self.what)
    }

    async fn install(&self, interpreter: &Path, directory: &Path) -> Result<()> {
        let list = directory.join("requirements.txt");
        std::fs::write(&list, self.requirements).or_fail(self.doing(), "make the target directory writable")?;
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
        self.run(&mut pip, "check the connection to PyPI and run again").await
    }

    /// The first interpreter that will do; otherwise why the best of them will not.
    async fn find(&self) -> Result<&'static str> {
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
        Err(Failure::new(self.doing(), why, INSTALL))
    }

    async fn run(&self, command: &mut Command, remedy: &str) -> Result<()> {
        let output = output(command).await.or_fail(self.doing(), remedy)?;
        if output.status.success() {
            return Ok(());
        }
        let said = if output.stderr.is_empty() {
            &output.stdout
        } else {
            &output.stderr
        };
        Err(Failure::new(self.doing(), last_line(said), remedy))
    }
}

fn version(stdout: &[u8]) -> Option<(u32, u32)> {
    let text = String::from_utf8_lossy(stdout);
    let mut numbers = text.split_whitespace().map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
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
