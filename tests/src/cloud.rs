//! The private cloud of this test run: started at the first use, in a thread of its own, and ended with the process.

use local::{Cloud, CloudOptions};
use std::path::PathBuf;
use std::sync::{LazyLock, mpsc};

struct Shared {
    base_url: String,
    endpoint: String,
}

static SHARED: LazyLock<Shared> = LazyLock::new(|| {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let cloud = start().await;
            tell.send(
                cloud
                    .as_ref()
                    .map(|cloud| (cloud.base_url(), cloud.endpoint()))
                    .map_err(ToString::to_string),
            )
            .ok();
            // The emulator hangs on a pipe of this process and ends with it.
            std::future::pending::<()>().await;
        });
    });
    let (base_url, endpoint) = told
        .recv()
        .expect("the cloud's thread")
        .unwrap_or_else(|why| panic!("{why}"));
    Shared { base_url, endpoint }
});

async fn start() -> local::Result<Cloud> {
    let options = CloudOptions {
        reset: true,
        ..CloudOptions::new(state_dir("shared"))
    };
    Cloud::start(options).await
}

/// Where a cloud of the tests keeps its state.
pub fn state_dir(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/test-clouds")).join(name)
}

/// The address of the API.
pub fn base_url() -> &'static str {
    &SHARED.base_url
}

/// The address of the AWS services.
pub fn endpoint() -> &'static str {
    &SHARED.endpoint
}
