use super::*;
use aws_credential_types::Credentials;
use aws_smithy_http_client::Connector;
use domain::{Clock, Random};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2026-03-05T12:00:00Z".parse().unwrap()
    }
}

impl Random for Noon {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// One that answers so, request by request; what it was asked.
async fn server(answers: Vec<(&'static str, Value)>) -> (String, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let asked = tokio::spawn(async move {
        let mut asked = Vec::new();
        for (status, answer) in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = vec![0; 8192];
            let mut length = 0;
            while !bytes[..length].ends_with(b"}") {
                length += stream.read(&mut bytes[length..]).await.unwrap();
            }
            let body = answer.to_string();
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all((head + &body).as_bytes()).await.unwrap();
            asked.push(String::from_utf8_lossy(&bytes[..length]).into_owned());
        }
        asked
    });
    (url, asked)
}

fn explorer(url: String) -> CostExplorer {
    let credentials = Credentials::new("AKIDEXAMPLE", "secret", Some("session".to_owned()), None, "test");
    let aws = SdkConfig::builder().credentials_provider(SharedCredentialsProvider::new(credentials));
    let connector = SharedHttpConnector::new(Connector::builder().build_http());
    CostExplorer::new(
        &aws.build(),
        connector,
        (url, "prod".to_owned()),
        &Source::new(Noon, Noon),
    )
}

fn months() -> Months {
    Months::until("2026-03-05".parse().unwrap())
}

/// A page as the API Reference shows one.
fn page(start: &str, tag: &str, amount: &str, next: Option<&str>) -> Value {
    json!({
        "GroupDefinitions": [{ "Key": "SERVICE", "Type": "DIMENSION" }, { "Key": "Organization", "Type": "TAG" }],
        "ResultsByTime": [{
            "Estimated": true, "TimePeriod": { "Start": start, "End": "2026-03-05" }, "Total": {},
            "Groups": [{ "Keys": ["AWS Lambda", tag], "Metrics": { "UnblendedCost": { "Amount": amount, "Unit": "USD" } } }],
        }],
        "NextPageToken": next,
    })
}

#[tokio::test]
async fn pages_are_asked_for_with_a_signature_and_read_to_the_last() {
    let first = page("2026-02-01", "Organization$", "0.0000012345", Some("more"));
    let (url, asked) = server(vec![
        ("200 OK", first),
        ("200 OK", page("2026-03-01", "Organization$org_1", "-2", None)),
    ])
    .await;
    let (billed, complete) = explorer(url).billed(months(), 5).await.unwrap();
    let short: Vec<_> = billed
        .iter()
        .map(|line| (line.start.to_string(), line.organization.as_str(), line.amount))
        .collect();
    let expected = [
        ("2026-02-01".to_owned(), "", 0.000_001_234_5),
        ("2026-03-01".to_owned(), "org_1", -2.0),
    ];
    assert!(complete && short == expected, "{billed:?}");

    let asked = asked.await.unwrap();
    let (head, body) = asked[1].split_once("\r\n\r\n").unwrap();
    let head = head.to_ascii_lowercase();
    for header in [
        "content-type: application/x-amz-json-1.1",
        "x-amz-target: awsinsightsindexservice.getcostandusage",
        "x-amz-security-token: session",
        "authorization: aws4-hmac-sha256 credential=akidexample/20260305/us-east-1/ce/aws4_request",
    ] {
        assert!(head.contains(header), "{header}: {head}");
    }
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        body["TimePeriod"],
        json!({ "Start": "2026-02-01", "End": "2026-03-05" })
    );
    assert_eq!(body["NextPageToken"], "more");
    assert!(!asked[0].contains("NextPageToken"), "{}", asked[0]);
}

#[tokio::test]
async fn more_pages_than_may_be_asked_for_are_not_and_that_is_told() {
    let more = || ("200 OK", page("2026-03-01", "Organization$", "1", Some("more")));
    let (url, asked) = server(vec![more(), more()]).await;
    let (billed, complete) = explorer(url).billed(months(), 2).await.unwrap();
    assert_eq!((billed.len(), complete, asked.await.unwrap().len()), (2, false, 2));
}

#[tokio::test]
async fn what_is_throttled_may_be_asked_again_and_what_is_refused_not() {
    let refused = |code: &str| json!({ "__type": code, "Message": "so it is" });
    let (url, _) = server(vec![
        ("400 Bad Request", refused("com.amazonaws.ce#LimitExceededException")),
        ("400 Bad Request", refused("AccessDeniedException")),
        ("503 Service Unavailable", json!("no JSON of an error")),
    ])
    .await;
    let explorer = explorer(url);
    let mut ends = Vec::new();
    for _ in 0..3 {
        ends.push(explorer.billed(months(), 1).await.unwrap_err());
    }
    assert!(matches!(ends[0], ServiceError::Busy(_)), "{ends:?}");
    assert!(
        matches!(&ends[1], ServiceError::Failed(why) if why.contains("so it is")),
        "{ends:?}"
    );
    assert!(matches!(ends[2], ServiceError::Busy(_)), "{ends:?}");
    let nobody = CostExplorer {
        url: "http://127.0.0.1:1/".to_owned(),
        ..explorer
    };
    assert!(matches!(nobody.billed(months(), 1).await, Err(ServiceError::Busy(_))));
}
