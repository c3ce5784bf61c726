//! Lambda's Runtime API (AWS "Using the Lambda runtime API") for one process: hands out an event at a time, and tells when it was asked and answered.

use crate::http::{Request, answer};
use serde_json::Value;
use std::io::BufReader;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What a process did.
pub enum Seen {
    /// It asked for the next event.
    Polled(Instant),
    /// It answered one: when, whether with success, and what.
    Answered(Instant, bool, Value),
}

/// The API of one process.
pub struct Runtime {
    pub address: String,
    /// Events to hand out.
    pub events: Sender<Value>,
    pub seen: Receiver<Seen>,
}

struct Side {
    events: Mutex<Receiver<Value>>,
    seen: Sender<Seen>,
}

impl Runtime {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (events, taken) = channel();
        let (seen, told) = channel();
        let side = Arc::new(Side {
            events: Mutex::new(taken),
            seen,
        });
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let side = Arc::clone(&side);
                std::thread::spawn(move || side.serve(stream));
            }
        });
        Self {
            address,
            events,
            seen: told,
        }
    }
}

impl Side {
    fn serve(&self, mut stream: TcpStream) -> Option<()> {
        stream.set_nodelay(true).ok()?;
        let mut input = BufReader::new(stream.try_clone().ok()?);
        loop {
            let request = Request::read(&mut input)?;
            let now = Instant::now();
            if request.path.ends_with("/invocation/next") {
                self.seen.send(Seen::Polled(now)).ok()?;
                let event = self.events.lock().ok()?.recv().ok()?;
                answer(&mut stream, 200, &head(), event.to_string().as_bytes()).ok()?;
                continue;
            }
            let said = serde_json::from_slice(&request.body).unwrap_or_default();
            let success = request.path.ends_with("/response");
            answer(&mut stream, 202, &[("content-type", "application/json")], b"{}").ok()?;
            self.seen.send(Seen::Answered(now, success, said)).ok()?;
        }
    }
}

fn head() -> [(&'static str, &'static str); 5] {
    [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", "6c1f0a2e-5b7d-4c39-9f1e-2a3b4c5d6e7f"),
        // Far away: nothing here depends on the time-out.
        ("lambda-runtime-deadline-ms", "4102444800000"),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-west-1:123456789012:function:measured",
        ),
        (
            "lambda-runtime-trace-id",
            "Root=1-69573565-0123456789abcdef01234567;Sampled=0",
        ),
    ]
}

/// The longest anything may take.
pub const PATIENCE: Duration = Duration::from_secs(30);
