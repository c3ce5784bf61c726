//! An AWS emulator seen from behind: what a test lays there, looks up or counts without the product's own code.

use crate::{Answer, Api, answer, aws};
use reqwest::Method;
use serde_json::{Value, json};

/// One emulator.
#[derive(Clone)]
pub struct Emulator {
    api: Api,
    endpoint: String,
}

impl Emulator {
    /// The emulator at that address.
    pub fn at(endpoint: &str) -> Self {
        Self {
            api: Api::at(endpoint),
            endpoint: endpoint.to_owned(),
        }
    }

    /// Its address.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Calls a service by its JSON protocol, whatever it answers.
    pub async fn try_call(&self, target: &str, body: &Value) -> Answer {
        let request = self.api.request(Method::POST, "/").header("x-amz-target", target);
        let request = request.header("content-type", "application/x-amz-json-1.0");
        answer(request.body(body.to_string())).await
    }

    /// Calls a service by its JSON protocol; what it answers, which must be a success.
    pub async fn call(&self, target: &str, body: &Value) -> Value {
        let answer = self.try_call(target, body).await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.text);
        answer.body
    }

    /// Calls a service by its query protocol; its XML.
    pub async fn query(&self, service: &str, action: &str, parameters: &[(&str, &str)]) -> String {
        let parameters = [&[("Action", action)], parameters].concat();
        let body = reqwest::Url::parse_with_params("http://x/", &parameters).expect("parameters");
        let scope = format!("AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request");
        let request = self.api.request(Method::POST, "/").header("authorization", scope);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = answer(request.body(body.query().unwrap_or_default().to_owned())).await;
        assert_eq!(answer.status, 200, "{action}: {}", answer.text);
        answer.text
    }

    /// Creates a table as all of the product's are.
    pub async fn create_table(&self, name: &str) {
        let key = |name, kind| json!({ "AttributeName": name, "KeyType": kind });
        let text = |name| json!({ "AttributeName": name, "AttributeType": "S" });
        let table = json!({
            "TableName": name, "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")], "AttributeDefinitions": [text("pk"), text("sk")],
        });
        self.call("DynamoDB_20120810.CreateTable", &table).await;
    }

    /// Puts a row with nothing but its key.
    pub async fn put_key(&self, table: &str, pk: &str, sk: &str) {
        let item = json!({ "pk": { "S": pk }, "sk": { "S": sk } });
        let put = json!({ "TableName": table, "Item": item });
        self.call("DynamoDB_20120810.PutItem", &put).await;
    }

    /// Puts a row of plain JSON, keys included.
    pub async fn put(&self, table: &str, item: &Value) {
        self.call("DynamoDB_20120810.PutItem", &aws::put_item(table, item))
            .await;
    }

    /// Deletes a row.
    pub async fn delete_row(&self, table: &str, pk: &str, sk: &str) {
        let key = json!({ "pk": { "S": pk }, "sk": { "S": sk } });
        let delete = json!({ "TableName": table, "Key": key });
        self.call("DynamoDB_20120810.DeleteItem", &delete).await;
    }

    /// Every row of a table as plain JSON, in the order of the keys; none where there is no such table.
    pub async fn rows(&self, table: &str) -> Vec<Value> {
        let (mut rows, mut start) = (Vec::new(), Value::Null);
        loop {
            let mut scan = json!({ "TableName": table, "ConsistentRead": true });
            if start.is_object() {
                scan["ExclusiveStartKey"] = start;
            }
            let page = self.try_call("DynamoDB_20120810.Scan", &scan).await;
            if page.body["__type"]
                .as_str()
                .is_some_and(|kind| kind.contains("ResourceNotFound"))
            {
                return rows;
            }
            let mut page = page.expect(200);
            rows.extend(page["Items"].as_array().into_iter().flatten().map(aws::plain_item));
            start = page["LastEvaluatedKey"].take();
            if !start.is_object() {
                break;
            }
        }
        let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
        rows.sort_by_key(|row| (text(row, "pk"), text(row, "sk")));
        rows
    }

    /// The address of a queue.
    pub fn queue(&self, name: &str) -> String {
        format!("{}/000000000000/{name}", self.endpoint)
    }

    /// Creates a queue.
    pub async fn create_queue(&self, name: &str) {
        self.call("AmazonSQS.CreateQueue", &aws::new_queue(name)).await;
    }

    /// Sends a message to a queue, to be shown at once.
    pub async fn send(&self, queue: &str, body: &str) {
        let message = json!({ "QueueUrl": self.queue(queue), "MessageBody": body });
        self.call("AmazonSQS.SendMessage", &message).await;
    }

    /// Sends up to ten messages at once.
    pub async fn send_batch(&self, queue: &str, bodies: &[String]) {
        let entries = bodies.iter().enumerate();
        let entries = entries.map(|(n, body)| json!({ "Id": n.to_string(), "MessageBody": body }));
        let batch = json!({ "QueueUrl": self.queue(queue), "Entries": entries.collect::<Vec<_>>() });
        self.call("AmazonSQS.SendMessageBatch", &batch).await;
    }

    /// Up to ten messages of a queue, which stay visible.
    pub async fn messages(&self, queue: &str, most: u8) -> Vec<Value> {
        self.take(queue, most, 0).await
    }

    /// Up to ten messages of a queue, hidden from everybody else for so many seconds.
    pub async fn take(&self, queue: &str, most: u8, hidden_for: u32) -> Vec<Value> {
        let wanted = json!({
            "QueueUrl": self.queue(queue), "MaxNumberOfMessages": most, "VisibilityTimeout": hidden_for,
            "MessageAttributeNames": ["All"],
        });
        let mut found = self.call("AmazonSQS.ReceiveMessage", &wanted).await;
        match found["Messages"].take() {
            Value::Array(messages) => messages,
            _ => Vec::new(),
        }
    }

    /// Shows a message again that was taken.
    pub async fn put_back(&self, queue: &str, message: &Value) {
        let message =
            json!({ "QueueUrl": self.queue(queue), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0 });
        self.call("AmazonSQS.ChangeMessageVisibility", &message).await;
    }

    /// Deletes a message.
    pub async fn delete(&self, queue: &str, message: &Value) {
        let message = json!({ "QueueUrl": self.queue(queue), "ReceiptHandle": message["ReceiptHandle"] });
        self.call("AmazonSQS.DeleteMessage", &message).await;
    }

    /// Creates a bucket.
    pub async fn create_bucket(&self, name: &str) {
        let made = answer(self.api.request(Method::PUT, &format!("/{name}"))).await;
        assert_eq!(made.status, 200, "{}", made.text);
    }

    /// Creates a bucket whose objects can be locked.
    pub async fn create_lockable_bucket(&self, name: &str) {
        let make = self.api.request(Method::PUT, &format!("/{name}"));
        let made = answer(make.header("x-amz-bucket-object-lock-enabled", "true")).await;
        assert_eq!(made.status, 200, "{}", made.text);
    }

    /// What a service answers to a GET, which must be a success.
    pub async fn get(&self, path: &str) -> Value {
        self.api.get(path).await.expect(200)
    }

    /// Lays an object down.
    pub async fn put_object(&self, bucket: &str, key: &str, text: String) {
        let put = self.api.request(Method::PUT, &format!("/{bucket}/{key}")).body(text);
        let put = answer(put).await;
        assert_eq!(put.status, 200, "{}", put.text);
    }

    /// An object's text.
    pub async fn object(&self, bucket: &str, key: &str) -> String {
        let object = self.api.get(&format!("/{bucket}/{key}")).await;
        assert_eq!(object.status, 200, "{}", object.text);
        object.text
    }

    /// The keys of a bucket's objects.
    pub async fn objects(&self, bucket: &str) -> Vec<String> {
        let list = self.api.get(&format!("/{bucket}?list-type=2")).await;
        let keys = list.text.split("<Key>").skip(1);
        keys.filter_map(|rest| rest.split('<').next().map(str::to_owned))
            .collect()
    }

    /// Every mail that was sent.
    pub async fn mails(&self) -> Vec<Value> {
        let sent = self.api.get("/_ministack/ses/messages").await.expect(200);
        let accounts = sent["messages"].as_object().into_iter().flatten();
        accounts
            .flat_map(|(_, mails)| mails.as_array().cloned().unwrap_or_default())
            .collect()
    }
}
