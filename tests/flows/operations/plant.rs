//! What the staff's story goes on in, and what they do there.

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::{Answer, Api, Device, PATIENCE, Person, aws};

/// What the story goes on in.
pub struct Plant {
    /// The address of the cloud's AWS services.
    pub endpoint: String,
    /// One of the staff.
    pub staff: Person,
    /// A device of an organisation.
    pub press: Device,
}

impl Plant {
    async fn sqs(&self, action: &str, queue: &str, mut more: Value) -> Value {
        more["QueueUrl"] = json!(format!("{}/000000000000/{queue}", self.endpoint));
        aws::call_at(&self.endpoint, &format!("AmazonSQS.{action}"), &more)
            .await
            .body
    }

    /// Looks at the messages of a queue.
    pub async fn messages(&self, queue: &str) -> Vec<Value> {
        let all = json!({ "MaxNumberOfMessages": 10, "VisibilityTimeout": 0, "AttributeNames": ["All"] });
        let found = self.sqs("ReceiveMessage", queue, all).await;
        found["Messages"].as_array().cloned().unwrap_or_default()
    }

    /// Lays a letter into a dead-letter queue, as a worker does.
    pub async fn give_up(&self, queue: &str, body: &str, more: Value) {
        let mut letter = json!({ "MessageBody": body, "MessageAttributes": {
            "reason": { "DataType": "String", "StringValue": "it is too hot; cause: 99 degrees" },
            "source": { "DataType": "String", "StringValue": "millwright-local-readings" },
        } });
        letter
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().cloned().unwrap_or_default());
        self.sqs("SendMessage", queue, letter).await;
    }

    /// A queue as staff see it.
    pub async fn queue(&self, name: &str) -> Value {
        let queues = self.staff.api.get("/v1/admin/queues").await.expect(200);
        let found = queues["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|queue| queue["name"] == name);
        found.unwrap_or_else(|| panic!("no {name} in {queues}")).clone()
    }

    /// Waits until a queue is seen to be so.
    pub async fn until(&self, name: &str, member: &str, value: Value) -> Value {
        let begun = Instant::now();
        loop {
            let queue = self.queue(name).await;
            if queue[member] == value {
                return queue;
            }
            assert!(begun.elapsed() < 3 * PATIENCE, "still not {value}: {queue}");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Does something to a queue as staff do.
    pub async fn act(&self, queue: &str, action: &str, body: Value) -> Answer {
        let path = format!("/v1/admin/queues/{queue}/{action}");
        self.staff.api.post(&path, &body).await
    }

    /// The dead letters of a queue as staff see them.
    pub async fn letters(&self, queue: &str, query: &str) -> Vec<Value> {
        let path = format!("/v1/admin/queues/{queue}/dead-letters{query}");
        let page = self.staff.api.get(&path).await.expect(200);
        page["items"].as_array().unwrap().clone()
    }

    /// A queue that hears what staff are told.
    pub async fn ear(&self) {
        aws::call_at(&self.endpoint, "AmazonSQS.CreateQueue", &aws::new_queue("ear")).await;
        let topics = self.sns("Action=ListTopics").await;
        let end = topics.find(":millwright-local-operations<").unwrap();
        let account = &topics[topics[..end].rfind('>').unwrap() + 1..end];
        let ear = account.replace(":sns:", ":sqs:");
        let subscribe = format!("Action=Subscribe&TopicArn={account}:millwright-local-operations");
        self.sns(&format!("{subscribe}&Protocol=sqs&Endpoint={ear}:ear")).await;
    }

    async fn sns(&self, query: &str) -> String {
        let answer = Api::at(&self.endpoint)
            .get(&format!("/?{query}&Version=2010-03-31"))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.text
    }

    /// How often staff were told that a queue is drained.
    pub async fn told(&self, queue: &str) -> usize {
        let notices = self.messages("ear").await;
        let said = format!("The queue {queue} is drained");
        notices
            .iter()
            .filter(|notice| notice["Body"].as_str().unwrap().contains(&said))
            .count()
    }

    /// Has the health check look at the queues now.
    pub async fn check_health(&self) {
        let path = "/2015-03-31/functions/millwright-local-health:live/invocations";
        let sample = include_str!("../../../events/health/watch-queues.json");
        let event = sample.replace("millwright-dev", "millwright-local");
        let answer = Api::at(&self.endpoint)
            .upload(path, "application/json", event.into_bytes())
            .await;
        assert_eq!(answer.header("x-amz-function-error"), "", "{}", answer.text);
    }
}
