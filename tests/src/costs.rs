//! A Cost Explorer in the test's process, since the local cloud has none: it answers as AWS documents it ("GetCostAndUsage"), in two pages, with the
//! same amounts always.

use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::LazyLock;

/// The organisation that something is billed for.
pub const ORGANIZATION: &str = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC";
/// Where the second page begins.
const SECOND: &str = "the-second-page";

static ADDRESS: LazyLock<SocketAddr> = LazyLock::new(|| {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Whoever has gone needs no answer.
            let _ = serve(stream);
        }
    });
    address
});

/// Where it is, as the template's parameter `CostExplorerUrl` takes it.
pub fn url() -> String {
    format!("http://{}/", *ADDRESS)
}

fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
    // The body is one object of JSON.
    let (head, asked) = loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let split = text.split_once("\r\n\r\n");
        if let Some((head, Ok(asked))) = split.map(|(head, body)| (head, serde_json::from_str(body))) {
            break (head.to_lowercase(), asked);
        }
        match stream.read(&mut part)? {
            0 => return Ok(()),
            length => bytes.extend_from_slice(&part[..length]),
        }
    };
    let (status, answer) = answer(&head, &asked);
    let body = answer.to_string();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\n",
        body.len()
    );
    stream.write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes())
}

fn answer(head: &str, asked: &Value) -> (&'static str, Value) {
    let refused = |code: &str| ("400 Bad Request", json!({ "__type": code, "Message": "not so" }));
    if !head.contains("/us-east-1/ce/aws4_request, ") {
        return refused("UnrecognizedClientException");
    }
    if !head.contains("x-amz-target: awsinsightsindexservice.getcostandusage\r\n") {
        return refused("UnknownOperationException");
    }
    let period = &asked["TimePeriod"];
    let (Some(start), Some(end)) = (period["Start"].as_str(), period["End"].as_str()) else {
        return refused("ValidationException");
    };
    if start >= end || asked["GroupBy"].as_array().is_none_or(|it| it.len() != 2) {
        return refused("ValidationException");
    }
    let present = format!("{}-01", &end[..7]);
    let page = match asked["NextPageToken"].as_str() {
        None => {
            json!({ "ResultsByTime": [month(start, &present, &[("AWS Lambda", "", "1.5"), ("Amazon DynamoDB", ORGANIZATION, "0.25")])], "NextPageToken": SECOND })
        }
        Some(SECOND) => json!({ "ResultsByTime": [month(&present, end, &[("AWS Lambda", "", "0.5000000001")])] }),
        Some(_) => return refused("InvalidNextTokenException"),
    };
    ("200 OK", page)
}

fn month(start: &str, end: &str, billed: &[(&str, &str, &str)]) -> Value {
    let group = |(service, org, amount): &(&str, &str, &str)| {
        json!({
            "Keys": [service, format!("Organization${org}")],
            "Metrics": { "UnblendedCost": { "Amount": amount, "Unit": "USD" } },
        })
    };
    let groups: Vec<_> = billed.iter().map(group).collect();
    json!({ "TimePeriod": { "Start": start, "End": end }, "Total": {}, "Groups": groups, "Estimated": true })
}
