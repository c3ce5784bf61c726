//! DynamoDB's HTTP on the loopback: answers every BatchGetItem with one person's row, and counts them.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use serde_json::json;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

pub struct Stub {
    endpoint: String,
    calls: Arc<AtomicU32>,
}

impl Stub {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(AtomicU32::new(0));
        let counted = calls.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let counted = counted.clone();
                std::thread::spawn(move || serve(stream, &counted));
            }
        });
        Self { endpoint, calls }
    }

    pub fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }

    #[expect(deprecated, reason = "the name by which aws-config itself gives out the type")]
    pub async fn config(&self) -> SdkConfig {
        use aws_config::profile::profile_file::{ProfileFileKind, ProfileFiles};
        let keys = "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = example\n";
        let profile = ProfileFiles::builder().with_contents(ProfileFileKind::Credentials, keys);
        aws_config::defaults(BehaviorVersion::latest())
            .endpoint_url(&self.endpoint)
            .region(Region::new("eu-west-1"))
            .profile_files(profile.build())
            .load()
            .await
    }
}

fn serve(stream: TcpStream, calls: &AtomicU32) {
    let body = json!({ "Responses": { "directory": [crate::person()] } }).to_string();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length:";
    let answer = format!("{head} {}\r\n\r\n{body}", body.len());
    let (mut input, mut output) = (BufReader::new(stream.try_clone().unwrap()), stream);
    while let Some(length) = length_of(&mut input) {
        let mut request = vec![0; length];
        if input.read_exact(&mut request).is_err() {
            return;
        }
        calls.fetch_add(1, Ordering::SeqCst);
        if output.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// Reads a request's head; how long its body is.
fn length_of(input: &mut impl BufRead) -> Option<usize> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.trim().parse().ok()?,
            None if line.trim_end().is_empty() => return Some(length),
            _ => {}
        }
    }
}
