//! Builds the function binaries with the cargo that runs this.

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;

use serde::Deserialize;
use tokio::process::Command;

use crate::child::{each_line, last_line};
use crate::failure::{Failure, OrFail, Result};
use crate::paths;
use crate::progress::Progress;

const WHAT: &str = "building the functions";

/// What cargo tells, a line of JSON each.
#[derive(Deserialize)]
#[serde(tag = "reason")]
enum Message {
    #[serde(rename = "compiler-artifact")]
    Artifact {
        target: Target,
        executable: Option<PathBuf>,
        fresh: bool,
    },
    #[serde(rename = "compiler-message")]
    Diagnosis { message: Diagnostic },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    rendered: Option<String>,
}

/// What cargo knows of the workspace's crates for Lambda's processor, as JSON.
pub(crate) async fn metadata() -> Result<Vec<u8>> {
    const WHAT: &str = "asking cargo for the crates";
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args([
        "metadata",
        "--format-version",
        "1",
        "--locked",
        "--filter-platform",
        "aarch64-unknown-linux-gnu",
    ]);
    let output = command
        .current_dir(paths::workspace())
        .output()
        .await
        .or_fail(WHAT, "install cargo")?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(Failure::new(
            WHAT,
            last_line(&output.stderr),
            "bring Cargo.lock up to date",
        )),
    }
}

/// Builds every binary of the workspace and answers where each lies.
///
/// The whole workspace, so that dependencies are built with the same features as `cargo test --workspace` does.
pub(crate) async fn build(release: bool, progress: Progress) -> Result<BTreeMap<String, PathBuf>> {
    let step = progress.step(if release {
        "Building the functions, optimised"
    } else {
        "Building the functions"
    });
    let (mut binaries, mut errors, mut built) = (BTreeMap::new(), String::new(), 0);
    let take = |line: &str| match serde_json::from_str(line) {
        Ok(Message::Artifact {
            target,
            executable,
            fresh,
        }) => {
            built += u32::from(!fresh);
            step.at(&format!("{built} built, now after {}", target.name));
            if let Some(path) = executable {
                binaries.insert(target.name, path);
            }
        }
        Ok(Message::Diagnosis { message }) if message.level == "error" => {
            errors.push_str(&message.rendered.unwrap_or_default());
        }
        Ok(Message::Diagnosis { .. } | Message::Other) | Err(_) => {}
    };
    let output = each_line(&mut command(release), take)
        .await
        .or_fail(WHAT, "check that cargo is on the PATH")?;
    if output.status.success() {
        step.done(&format!("{built} crates built"));
        return Ok(binaries);
    }
    drop(step);
    // The compiler's own words, before the one line that says what failed.
    eprint!("{errors}");
    let (why, remedy) = match errors.is_empty() {
        true => (last_line(&output.stderr), "run cargo build --workspace to see more"),
        false => ("the compiler found errors".to_owned(), "mend the errors shown above"),
    };
    Err(Failure::new(WHAT, why, remedy))
}

fn command(release: bool) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(paths::workspace());
    cargo.args(["build", "--workspace", "--bins", "--quiet", "--message-format", "json"]);
    if release {
        cargo.arg("--release");
    }
    // What `cargo run` and `cargo test` tell the program about itself is not for the crates built here.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "CARGO_CRATE_NAME" {
            cargo.env_remove(&name);
        }
    }
    cargo
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_cargo_tells() {
        let line = r#"{"reason":"compiler-artifact","target":{"name":"fleet"},"executable":"/t/fleet","fresh":true}"#;
        assert!(matches!(
            serde_json::from_str(line),
            Ok(Message::Artifact {
                executable: Some(_),
                ..
            })
        ));
        assert!(matches!(
            serde_json::from_str(r#"{"reason":"build-finished"}"#),
            Ok(Message::Other)
        ));
    }
}
