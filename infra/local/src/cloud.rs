//! A cloud from start to stop: the order of things.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::aws::Aws;
use crate::deploy::{Deployment, deploy};
use crate::emulator::Emulator;
use crate::failure::{Failure, OrFail, Result};
use crate::progress::Progress;
use crate::proxy::Proxy;
use crate::stack::{Outputs, SENDER};
use crate::state::{self, StateDir};
use crate::{package, proxy, python};

/// How to start a cloud.
#[derive(Clone, Debug)]
pub struct CloudOptions {
    /// Where its state lies between a stop and the next start. One cloud at a time uses it.
    pub state_dir: PathBuf,
    /// Port of the API on the loopback interface; 0 takes a free one.
    pub port: u16,
    /// Forget what the state directory holds.
    pub reset: bool,
    /// Build the functions optimised, as they are for Lambda.
    pub release: bool,
    /// Whether slow steps are shown.
    pub progress: Progress,
    /// Parameters of the template, by name, beside those that every local cloud sets.
    pub parameters: BTreeMap<String, String>,
}

impl CloudOptions {
    /// A silent cloud on a free port, as tests want it.
    #[must_use]
    pub fn new(state_dir: impl Into<PathBuf>) -> Self {
        Self {
            state_dir: state_dir.into(),
            port: 0,
            reset: false,
            release: false,
            progress: Progress::Silent,
            parameters: BTreeMap::new(),
        }
    }
}

/// A running cloud. Dropped without [`Cloud::stop`], it still saves its state and ends, but nobody waits for that.
pub struct Cloud {
    proxy: Proxy,
    emulator: Emulator,
    outputs: Outputs,
    _state: StateDir,
}

impl Cloud {
    /// Starts a cloud: builds what has changed, deploys it if it differs from what the state directory holds, serves it.
    ///
    /// # Errors
    /// Anything that keeps it from serving; nothing is left running then.
    pub async fn start(options: CloudOptions) -> Result<Self> {
        let listener = proxy::listen(options.port).await?;
        let state = StateDir::open(&options.state_dir, options.reset).await?;
        let python = python::emulator(options.progress).await?;
        // It starts while cargo builds.
        let mut emulator = Emulator::start(&python, &state, state.record().port)?;
        let served = async {
            let outputs = bring_up(&mut emulator, &state, &options).await?;
            let proxy = proxy::serve(
                listener,
                &emulator.endpoint(),
                named(&outputs, "ApiId")?,
                named(&outputs, "ApiStage")?,
            )?;
            Ok((outputs, proxy))
        };
        match served.await {
            Ok((outputs, proxy)) => Ok(Self {
                proxy,
                emulator,
                outputs,
                _state: state,
            }),
            Err(failure) => {
                // The first failure is the one to tell; the state is saved so that the next start goes on from here.
                let _ = emulator.stop().await;
                Err(failure)
            }
        }
    }

    /// Address of the API, for example `http://127.0.0.1:8080`.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.proxy.base_url()
    }

    /// Address of the AWS services, for SDK clients.
    #[must_use]
    pub fn endpoint(&self) -> String {
        self.emulator.endpoint()
    }

    /// An output of the deployed stack.
    #[must_use]
    pub fn stack_output(&self, name: &str) -> Option<&str> {
        self.outputs.get(name).map(String::as_str)
    }

    /// Waits until the cloud ends by itself, which it should not.
    pub async fn ended(&mut self) -> Failure {
        self.emulator.ended().await
    }

    /// Stops in order: no more requests, then the state is saved. A later start on the same directory goes on from it.
    ///
    /// # Errors
    /// When the state may not have been saved.
    pub async fn stop(self) -> Result<()> {
        self.proxy.stop().await;
        self.emulator.stop().await
    }
}

/// Waits until nothing uses a state directory any more: for a start that was cancelled half-way.
///
/// # Errors
/// When something still uses it after some time.
pub async fn settled(state_dir: &std::path::Path) -> Result<()> {
    if state_dir.exists() {
        state::settle(state_dir).await
    } else {
        Ok(())
    }
}

async fn bring_up(emulator: &mut Emulator, state: &StateDir, options: &CloudOptions) -> Result<Outputs> {
    let packages = package::all(options.release, options.progress).await?;
    let step = options.progress.step("Starting the AWS emulator");
    emulator.ready().await?;
    step.done("ready");
    let aws = Aws::new(&emulator.endpoint());
    let verified = aws.verify_sender(SENDER).await;
    verified.or_fail("verifying the sender of mail", "run again with --reset")?;
    let deployment = Deployment {
        packages: &packages,
        parameters: &options.parameters,
    };
    deploy(&aws, state, emulator.port(), deployment, options.progress).await
}

fn named<'a>(outputs: &'a Outputs, name: &str) -> Result<&'a str> {
    let missing = || {
        Failure::new(
            "finding the API",
            format!("the stack has no output {name}"),
            "restore it in template.yaml",
        )
    };
    outputs.get(name).map(String::as_str).ok_or_else(missing)
}
