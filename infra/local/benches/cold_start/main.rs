//! How fast functions start, what a request costs them, and how big they are: the release binaries, zipped as they are deployed, each run against
//! a Lambda Runtime API on the loopback, with AWS behind TLS there; in the same rounds an authorizer in Python and a function that does nothing.
//!
//! `cargo bench --workspace --bench cold_start` builds, runs and prints the table; names behind `--` choose functions. Times are medians of starts whose
//! binaries are in memory already, processor time and memory are Linux's own account of the process. Nothing here ends the run because it is slow: a
//! missed bar is marked. A function that answers with an error is marked, too: its figures say little. Names of the columns stand in `table.rs`.
//!
//! To add a function: the sample that it is asked with, in `jobs.rs`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a measurement that cannot prepare itself should fail"
)]

mod answers;
mod endpoint;
mod environment;
mod http;
mod jobs;
mod process;
mod runtime;
mod table;
mod tokens;

use endpoint::Endpoint;
use jobs::Job;
use local::python::Environment;
use local::{Progress, package};
use process::{Start, Started};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use table::Row;

/// Starts of each program.
const STARTS: usize = 11;
/// Requests that each process answers after its first.
const WARM: usize = 100;
/// Of those, the first ones, which are not counted: allocators and caches settle.
const SETTLING: usize = 20;

#[tokio::main]
async fn main() {
    let chosen: Vec<_> = std::env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    let packages = package::all(true, Progress::Shown).await.unwrap();
    let python = Environment {
        name: "cold-start",
        what: "the Python that is compared with",
        requirements: include_str!("requirements.txt"),
    };
    let python = python.programs(Progress::Shown).await.unwrap().join("python");
    let endpoint = Endpoint::start();
    let mut programs = vec![jobs::hello(&hello()), jobs::python(&python, &endpoint)];
    for package in packages {
        if chosen.is_empty() || chosen.contains(&package.function) {
            programs.push(jobs::function(&package, &endpoint));
        }
    }
    table::print(&measure(&programs));
}

/// A program that is measured.
pub struct Program {
    /// What the table calls it.
    pub name: String,
    /// Bytes of the zip, where it has one.
    pub zip: Option<u64>,
    /// Whether it connects to AWS before its first poll, unless its environment was made ahead of need.
    pub connects: bool,
    /// How it is started.
    pub start: Start,
    /// What it is asked.
    pub job: Job,
}

/// All programs side by side, round by round: what slows the machine down for a while slows all of them.
fn measure(programs: &[Program]) -> Vec<Row> {
    let mut starts: BTreeMap<usize, (Vec<Started>, Vec<Started>)> = BTreeMap::new();
    for _ in 0..STARTS {
        for (n, program) in programs.iter().enumerate() {
            let (whole, ahead) = starts.entry(n).or_default();
            whole.push(process::run(&program.start, &program.job, WARM));
            if program.connects {
                ahead.push(process::run(&program.start.made_ahead(), &program.job, 0));
            }
        }
    }
    let rows = programs.iter().zip(starts.into_values());
    rows.map(|(program, (whole, ahead))| Row::of(program, &whole, &ahead))
        .collect()
}

/// The function that does nothing, built like the others.
fn hello() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut build = std::process::Command::new(cargo);
    build.current_dir(&workspace);
    build.args(["build", "--workspace", "--release", "--quiet", "--example", "hello"]);
    assert!(build.status().unwrap().success(), "the example hello does not build");
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    workspace.join(target).join("release/examples/hello")
}
