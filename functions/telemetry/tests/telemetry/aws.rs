//! An AWS that answers each call as the test says, and remembers what it was asked.

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One call.
#[derive(Debug, Clone)]
pub struct Call {
    /// The operation, as in `DynamoDB_20120810.GetItem`; of S3, method and path.
    pub operation: String,
    pub headers: String,
    pub body: String,
}

/// What to answer: status and body.
pub type Answer = (u16, Vec<u8>);

/// The emulation.
pub struct Aws {
    pub config: SdkConfig,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Aws {
    /// Starts one that answers by `answer`.
    pub async fn start(answer: impl Fn(&Call) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(Mutex::new(Vec::new()));
        let (heard, answer) = (calls.clone(), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, heard.clone(), answer.clone()));
            }
        });
        Self {
            config: config(&endpoint).await,
            calls,
        }
    }

    /// What it was asked for whose operation ends so.
    pub fn calls(&self, operation: &str) -> Vec<Call> {
        let calls = self.calls.lock().unwrap();
        calls
            .iter()
            .filter(|call| call.operation.contains(operation))
            .cloned()
            .collect()
    }
}

#[expect(deprecated, reason = "the name by which aws-config itself gives out the type")]
async fn config(endpoint: &str) -> SdkConfig {
    use aws_config::profile::profile_file::{ProfileFileKind, ProfileFiles};
    let keys = "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = example\n";
    let profile = ProfileFiles::builder()
        .with_contents(ProfileFileKind::Credentials, keys)
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new("eu-west-1"))
        .profile_files(profile)
        .retry_config(RetryConfig::disabled())
        .load()
        .await
}

async fn serve(mut stream: TcpStream, calls: Arc<Mutex<Vec<Call>>>, answer: Arc<impl Fn(&Call) -> Answer>) {
    let mut received = Vec::new();
    while let Some(call) = read(&mut stream, &mut received).await {
        let (status, body) = answer(&call);
        calls.lock().unwrap().push(call);
        let head = format!("HTTP/1.1 {status} Answer\r\ncontent-length: {}\r\n\r\n", body.len());
        if stream.write_all(&[head.into_bytes(), body].concat()).await.is_err() {
            return;
        }
    }
}

/// One request: head, then as many bytes as it says.
async fn read(stream: &mut TcpStream, received: &mut Vec<u8>) -> Option<Call> {
    let head = loop {
        if let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
            break String::from_utf8(received.drain(..end + 4).collect()).unwrap();
        }
        (stream.read_buf(received).await.ok()? > 0).then_some(())?;
    };
    let header = |name: &str| {
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        lines
            .into_iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.to_owned())
    };
    let length = header("content-length").map_or(0, |text| text.parse().unwrap());
    while received.len() < length {
        (stream.read_buf(received).await.ok()? > 0).then_some(())?;
    }
    let body = String::from_utf8_lossy(&received.drain(..length).collect::<Vec<_>>()).into_owned();
    let line = || head.lines().next().unwrap_or_default().to_owned();
    Some(Call {
        operation: header("x-amz-target").unwrap_or_else(line),
        headers: head.clone(),
        body,
    })
}
