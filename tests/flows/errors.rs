//! Unexpected errors are noticed: counted by kind, and told to staff once.

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::{Api, Organization, PATIENCE, aws};

/// A queue that hears what staff are told.
struct Ear(String);

impl Ear {
    async fn new() -> Self {
        let queue = aws::call("AmazonSQS.CreateQueue", &aws::new_queue(&tests::unique("ear"))).await;
        let url = queue.text_of("QueueUrl");
        let wanted = json!({ "QueueUrl": url, "AttributeNames": ["QueueArn"] });
        let found = aws::call("AmazonSQS.GetQueueAttributes", &wanted).await.body;
        let arn = found["Attributes"]["QueueArn"].as_str().unwrap().to_owned();
        let topic = sns("ListTopics", "").await;
        let end = topic.find(":millwright-local-operations<").unwrap();
        let begin = topic[..end].rfind('>').unwrap() + 1;
        let topic = format!("{}:millwright-local-operations", &topic[begin..end]);
        sns("Subscribe", &format!("&TopicArn={topic}&Protocol=sqs&Endpoint={arn}")).await;
        Self(url)
    }

    /// The notices of a kind of error.
    async fn heard(&self, fingerprint: &str) -> Vec<String> {
        let body = json!({ "QueueUrl": self.0, "MaxNumberOfMessages": 10, "VisibilityTimeout": 0 });
        let found = aws::call("AmazonSQS.ReceiveMessage", &body).await.body;
        let letters = found["Messages"].as_array().into_iter().flatten();
        let notices = letters.filter_map(|letter| serde_json::from_str::<Value>(letter["Body"].as_str()?).ok());
        let texts = notices.filter_map(|notice| Some(notice["Message"].as_str()?.to_owned()));
        texts.filter(|text| text.contains(fingerprint)).collect()
    }
}

async fn sns(action: &str, parameters: &str) -> String {
    let query = format!("/?Action={action}&Version=2010-03-31{parameters}");
    let answer = Api::at(tests::endpoint()).get(&query).await;
    assert_eq!(answer.status, 200, "{action}: {}", answer.text);
    answer.text
}

/// Takes the name out of a project's row, as a faulty program might.
async fn break_project(org: &Organization, project: &str) {
    let update = json!({
        "TableName": org.table(),
        "Key": { "pk": { "S": "PROJECT" }, "sk": { "S": project } },
        "UpdateExpression": "REMOVE #name",
        "ExpressionAttributeNames": { "#name": "name" },
        "ConditionExpression": "attribute_exists(pk)",
    });
    aws::call("DynamoDB_20120810.UpdateItem", &update).await;
}

/// Waits for the kind of error whose last request was this, once staff have been told.
async fn kind_of(request: &str) -> Value {
    let begun = Instant::now();
    loop {
        for place in aws::partition(aws::DIRECTORY, "ERRORS").await {
            let fingerprint = place["fingerprint"].as_str().unwrap();
            let row = aws::partition(aws::DIRECTORY, &format!("ERROR#{fingerprint}"))
                .await
                .remove(0);
            if row["last_request"] == request && row["notified_at"].is_string() {
                return row;
            }
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "request {request} failed and nobody noticed"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn an_unexpected_error_is_counted_each_time_and_told_once() {
    let acme = Organization::new("Acme").await;
    let path = acme.project("Line").await;
    let project = path.rsplit('/').next().unwrap();
    let ear = Ear::new().await;
    break_project(&acme, project).await;

    let mut seen = Vec::new();
    for _ in 0..3 {
        let answer = acme.owner.api.get(&path).await;
        let request = answer.header("x-request-id").to_owned();
        answer.problem(500);
        seen.push(kind_of(&request).await);
    }
    let counts: Vec<_> = seen.iter().map(|kind| kind["seen"].as_u64()).collect();
    assert_eq!(counts, [Some(1), Some(2), Some(3)]);
    let (first, last) = (&seen[0], &seen[2]);
    for name in ["fingerprint", "first_seen", "notified_at"] {
        assert_eq!(first[name], last[name], "{name}");
    }
    assert_eq!(
        (&first["function"], &first["target"]),
        (&json!("fleet"), &json!("http_api::problem::body"))
    );
    for personal in [project, &acme.id, &acme.owner.id, &acme.owner.email] {
        assert!(!last.to_string().contains(personal), "{last}");
    }

    let notices = ear.heard(first["fingerprint"].as_str().unwrap()).await;
    let [notice] = &notices[..] else {
        panic!("told {} times: {notices:?}", notices.len())
    };
    assert!(notice.contains(first["last_request"].as_str().unwrap()), "{notice}");
    assert!(notice.contains("cannot be read"), "{notice}");
}
