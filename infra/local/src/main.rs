//! `cargo run`: the whole system on this machine. `cargo run -- package`: every function, zipped for Lambda.
//! `cargo run -- sbom`: what each function is made of. `cargo run -- verify FILE`: an export of a journal, checked.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use local::{Cloud, CloudOptions, Failure, Progress, Result, cloud, logs, package, say, sbom, tour, verify};
use tokio::signal::unix::{SignalKind, signal};

/// Millwright on this machine: deploys template.yaml to an emulated AWS and serves the API until Ctrl-C.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Port of the API on 127.0.0.1
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where the state lies between runs
    #[arg(long, default_value = "target/local")]
    state_dir: PathBuf,
    /// Forget the state and begin anew
    #[arg(long)]
    reset: bool,
    /// Build the functions optimised, as they are for Lambda
    #[arg(long)]
    release: bool,
    /// Show what the functions log
    #[arg(long)]
    logs: bool,
    /// Set a parameter of template.yaml, such as OidcProviderName=Keycloak; may be repeated
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = pair)]
    parameters: Vec<(String, String)>,
}

#[derive(Subcommand)]
enum Command {
    /// Build every function optimised, zip it for Lambda and print the sizes
    Package,
    /// Write what each function is made of (CycloneDX) to target/lambda/sbom.json
    Sbom,
    /// Check an export of an organisation's journal: exit code 0 if it is whole, 1 if it is not
    Verify(verify::Export),
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Some(Command::Package) => print_packages().await,
        Some(Command::Sbom) => sbom::write().await.map(|path| say(&path.display().to_string())),
        Some(Command::Verify(export)) => match verify::export(&export) {
            Ok(true) => Ok(()),
            Ok(false) => return ExitCode::FAILURE,
            Err(failure) => Err(failure),
        },
        None => run(arguments).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn pair(text: &str) -> std::result::Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').ok_or("a parameter is NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

async fn print_packages() -> Result<()> {
    let packages = tokio::select! {
        packages = package::all(true, Progress::Shown) => packages?,
        // Dropped, the build ends with every compiler it started.
        () = asked_to_stop() => return Err(Failure::new("packaging the functions", "interrupted", "run it again")),
    };
    for package in &packages {
        say(&format!(
            "{:<16} {:>8.2} MB  {}",
            package.function,
            megabytes(package.size),
            package.zip.display()
        ));
    }
    say(&format!("what they are made of: {}", sbom::write().await?.display()));
    say(&format!(
        "{:<16} {:>8.2} MB",
        "together",
        megabytes(packages.iter().map(|package| package.size).sum())
    ));
    Ok(())
}

/// For people to read: a fraction of a byte is nothing to them.
fn megabytes(bytes: u64) -> f64 {
    let kilobytes = u32::try_from(bytes / 1000).unwrap_or(u32::MAX);
    f64::from(kilobytes) / 1000.0
}

async fn run(arguments: Arguments) -> Result<()> {
    let Arguments {
        port,
        state_dir,
        reset,
        release,
        parameters,
        logs: follow_logs,
        ..
    } = arguments;
    let options = CloudOptions {
        port,
        reset,
        release,
        progress: Progress::Shown,
        parameters: parameters.into_iter().collect(),
        ..CloudOptions::new(&state_dir)
    };
    let mut stop = std::pin::pin!(asked_to_stop());
    let mut cloud = tokio::select! {
        started = Cloud::start(options) => started?,
        () = &mut stop => return cloud::settled(&state_dir).await,
    };
    welcome(&cloud);
    let endpoint = cloud.endpoint();
    let follow = async {
        match follow_logs {
            true => logs::follow(&endpoint).await,
            false => std::future::pending().await,
        }
    };
    let ended = tokio::select! {
        () = follow => None,
        () = stop => None,
        failure = cloud.ended() => Some(failure),
    };
    stop_cloud(cloud, ended).await
}

async fn stop_cloud(cloud: Cloud, ended: Option<Failure>) -> Result<()> {
    if let Some(failure) = ended {
        return Err(failure);
    }
    say("Stopping; the state is kept.");
    cloud.stop().await
}

fn welcome(cloud: &Cloud) {
    let url = cloud.base_url();
    say(&format!(
        "\nMillwright is at {url} (AWS services at {}). Ctrl-C stops it and keeps its state.\n",
        cloud.endpoint()
    ));
    say(&format!(
        "A tour, ready to paste into another terminal:\n\n{}",
        tour::script(&url)
    ));
}

/// Ctrl-C, a polite kill, or a terminal that was closed.
async fn asked_to_stop() {
    tokio::select! {
        () = received(SignalKind::interrupt()) => {}
        () = received(SignalKind::terminate()) => {}
        () = received(SignalKind::hangup()) => {}
    }
}

async fn received(kind: SignalKind) {
    match signal(kind) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        // Without a handler the signal ends the process at once, and the emulator saves its state on its own.
        Err(_) => std::future::pending().await,
    }
}
