//! Somebody who takes webhooks: a server on this machine that answers as it is told and keeps what it was sent.

use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A receiver of webhooks. It ends with the test's runtime.
pub struct Receiver {
    /// Where it is, without a slash at the end.
    pub url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
}

/// One request that a receiver was sent.
#[derive(Debug, Clone)]
pub struct Heard {
    /// Its path.
    pub path: String,
    /// Its headers as they came.
    headers: String,
    /// Its body as it came.
    pub body: String,
}

impl Receiver {
    /// One that gives these answers (status codes) to the first requests, and 204 to all that follow.
    pub async fn new(answers: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port of this machine");
        let port = listener.local_addr().expect("its address").port();
        let heard = Arc::<Mutex<Vec<Heard>>>::default();
        tokio::spawn(serve(listener, heard.clone(), answers.iter().copied().collect()));
        Self {
            url: format!("http://127.0.0.1:{port}"),
            heard,
        }
    }

    /// What it was sent so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for so many requests.
    pub async fn hears(&self, many: usize) -> Vec<Heard> {
        let begun = Instant::now();
        loop {
            let heard = self.heard();
            if heard.len() >= many {
                return heard;
            }
            assert!(
                begun.elapsed() < crate::PATIENCE,
                "{} of {many} requests: {heard:?}",
                heard.len()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

impl Heard {
    /// A header's value; empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        let lines = self.headers.lines().filter_map(|line| line.split_once(": "));
        let mut values = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        values.next().map_or("", |(_, value)| value)
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

async fn serve(listener: TcpListener, heard: Arc<Mutex<Vec<Heard>>>, mut answers: VecDeque<u16>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let Some(request) = read(&mut stream).await else {
            continue;
        };
        heard.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        let status = answers.pop_front().unwrap_or(204);
        let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        // Whoever has gone needs no answer.
        let _ = stream.write_all(answer.as_bytes()).await;
    }
}

/// A request, read to the end of its body; none where whoever sends it goes before that.
async fn read(stream: &mut TcpStream) -> Option<Heard> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((headers, body)) = text.split_once("\r\n\r\n") {
            let (first, headers) = headers.split_once("\r\n")?;
            let request = Heard {
                path: first.split(' ').nth(1)?.to_owned(),
                headers: headers.to_owned(),
                body: body.to_owned(),
            };
            let length: usize = request.header("content-length").parse().unwrap_or(0);
            if request.body.len() >= length {
                return Some(request);
            }
        }
        let mut part = [0; 4096];
        match stream.read(&mut part).await {
            Ok(length) if length > 0 => bytes.extend_from_slice(&part[..length]),
            _ => return None,
        }
    }
}
