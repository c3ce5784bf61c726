//! The private cloud of this test run: started at the first use, in a thread of its own, and ended with the process.

use crate::{costs, dns};
use local::{Cloud, CloudOptions};
use std::path::PathBuf;
use std::sync::{LazyLock, mpsc};

struct Shared {
    base_url: String,
    endpoint: String,
    bucket: String,
}

static SHARED: LazyLock<Shared> = LazyLock::new(|| {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let cloud = start().await;
            let bucket = |cloud: &Cloud| cloud.stack_output("StorageBucket").unwrap_or_default().to_owned();
            let said = cloud
                .as_ref()
                .map(|cloud| (cloud.base_url(), cloud.endpoint(), bucket(cloud)));
            tell.send(said.map_err(ToString::to_string)).ok();
            // The emulator hangs on a pipe of this process and ends with it.
            std::future::pending::<()>().await;
        });
    });
    let told = told.recv().expect("the cloud's thread");
    let (base_url, endpoint, bucket) = told.unwrap_or_else(|why| panic!("{why}"));
    Shared {
        base_url,
        endpoint,
        bucket,
    }
});

async fn start() -> local::Result<Cloud> {
    let options = CloudOptions {
        reset: true,
        parameters: [
            ("DnsServers".to_owned(), dns::address()),
            ("CostExplorerUrl".to_owned(), costs::url()),
            ("WebhookPlainHosts".to_owned(), "127.0.0.1".to_owned()),
        ]
        .into(),
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

/// The name of the storage bucket.
pub fn bucket() -> &'static str {
    &SHARED.bucket
}
