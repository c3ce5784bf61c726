//! A look behind the API, at the AWS services of the shared cloud: for what a test must see and the API does not show.

use crate::{Answer, Api, PATIENCE, answer};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

/// The shared cloud's directory table.
pub const DIRECTORY: &str = "millwright-local-directory";

/// Calls an AWS service by its JSON protocol.
pub async fn call(target: &str, body: &Value) -> Answer {
    call_at(crate::endpoint(), target, body).await
}

/// The same of another cloud, by the address of its AWS services.
pub async fn call_at(endpoint: &str, target: &str, body: &Value) -> Answer {
    let request = Api::at(endpoint)
        .request(Method::POST, "/")
        .header("x-amz-target", target);
    let request = request
        .header("content-type", "application/x-amz-json-1.0")
        .body(body.to_string());
    let answer = answer(request).await;
    assert_eq!(answer.status, 200, "{target}: {}", answer.text);
    answer
}

/// Calls an AWS service by its query protocol.
pub async fn query(action: &str, parameters: &[(&str, &str)]) -> Answer {
    let pairs = parameters
        .iter()
        .map(|(name, value)| format!("&{name}={}", percent_encoded(value)));
    let path = format!("/?Action={action}{}", pairs.collect::<String>());
    let answer = Api::at(crate::endpoint()).get(&path).await;
    assert_eq!(answer.status, 200, "{action}: {}", answer.text);
    answer
}

fn percent_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The ARN of a topic of the shared cloud.
pub fn topic(name: &str) -> String {
    format!("arn:aws:sns:us-east-1:000000000000:millwright-local-{name}")
}

/// What creates a queue that topics may send to.
pub fn new_queue(name: &str) -> Value {
    let allow = json!({ "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" }, "Action": "sqs:SendMessage", "Resource": "*" });
    let policy = json!({ "Version": "2012-10-17", "Statement": [allow] });
    json!({ "QueueName": name, "Attributes": { "Policy": policy.to_string() } })
}

/// Publishes a message on a topic.
pub async fn publish(topic_name: &str, message: &str) {
    query("Publish", &[("TopicArn", &topic(topic_name)), ("Message", message)]).await;
}

/// The reason beside a message in a dead-letter queue, once one lies there whose body holds this.
pub async fn reason_given_up(dead_letter_queue: &str, body: &str) -> String {
    let begun = Instant::now();
    let wanted = json!({
        "QueueUrl": queue(dead_letter_queue),
        "MaxNumberOfMessages": 10,
        "MessageAttributeNames": ["All"],
        "VisibilityTimeout": 0,
    });
    loop {
        let found = call("AmazonSQS.ReceiveMessage", &wanted).await.body;
        let mut letters = found["Messages"].as_array().into_iter().flatten();
        let ours = |letter: &&Value| letter["Body"].as_str().is_some_and(|text| text.contains(body));
        if let Some(letter) = letters.find(ours) {
            let reason = letter["MessageAttributes"]["reason"]["StringValue"].as_str();
            return reason.unwrap_or_default().to_owned();
        }
        assert!(begun.elapsed() < PATIENCE, "{body} is not in {dead_letter_queue}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The text of a mail to an address that holds this, once there is one.
pub async fn mail_to(email: &str, holding: &str) -> String {
    let begun = Instant::now();
    loop {
        let sent = Api::at(crate::endpoint()).get("/_ministack/ses/messages").await.body;
        let accounts = sent["messages"].as_object().into_iter().flatten();
        let mut mails = accounts.flat_map(|(_, mails)| mails.as_array().into_iter().flatten());
        let to_them = |mail: &&Value| mail["To"].as_array().into_iter().flatten().any(|to| to == email);
        let text = |mail: &Value| mail["BodyText"].as_str().unwrap_or_default().to_owned();
        if let Some(mail) = mails.find(|mail| to_them(mail) && text(mail).contains(holding)) {
            return text(mail);
        }
        assert!(begun.elapsed() < PATIENCE, "no mail to {email} holds {holding}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Makes somebody one of the staff, as README.md says it is done. Their next sign-in tells.
pub async fn join_staff(endpoint: &str, email: &str) {
    let pools = json!({ "MaxResults": 10 });
    let pools = call_at(endpoint, "AWSCognitoIdentityProviderService.ListUserPools", &pools).await;
    let join = json!({ "UserPoolId": pools.body["UserPools"][0]["Id"], "Username": email, "GroupName": "staff" });
    call_at(endpoint, "AWSCognitoIdentityProviderService.AdminAddUserToGroup", &join).await;
}

/// Fires a check's rule, as EventBridge does, at that time of the schedule.
pub async fn fire(check: &str, at: Timestamp) {
    let path = "/2015-03-31/functions/millwright-local-health:live/invocations";
    let event = json!({
        "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event", "source": "aws.events",
        "account": "000000000000", "time": at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(), "region": "us-east-1",
        "resources": [format!("arn:aws:events:us-east-1:000000000000:rule/millwright-local-{check}")], "detail": {},
    });
    let answer = Api::at(crate::endpoint())
        .upload(path, "application/json", event.to_string().into_bytes())
        .await;
    assert_eq!(answer.header("x-amz-function-error"), "", "{check}: {}", answer.text);
}

/// Changes a row of a table, as somebody with access to it would.
pub async fn update(table: &str, (pk, sk): (&str, &str), expression: &str, values: &Value) {
    let mut body = json!({
        "TableName": table,
        "Key": { "pk": { "S": pk }, "sk": { "S": sk } },
        "UpdateExpression": expression,
    });
    let values = values.as_object().into_iter().flatten();
    let values: Map<_, _> = values.map(|(name, value)| (name.clone(), typed(value))).collect();
    if !values.is_empty() {
        body["ExpressionAttributeValues"] = values.into();
    }
    call("DynamoDB_20120810.UpdateItem", &body).await;
}

/// The address of a queue of the shared cloud.
pub fn queue(name: &str) -> String {
    format!("{}/000000000000/millwright-local-{name}", crate::endpoint())
}

/// Sends a message to a queue.
pub async fn send(queue_name: &str, message: &Value) {
    let body = json!({ "QueueUrl": queue(queue_name), "MessageBody": message.to_string() });
    call("AmazonSQS.SendMessage", &body).await;
}

/// The items of one partition of a table, as plain JSON.
pub async fn partition(table: &str, pk: &str) -> Vec<Value> {
    let body = json!({
        "TableName": table,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": { ":pk": { "S": pk } },
        "ConsistentRead": true,
    });
    let found = call("DynamoDB_20120810.Query", &body).await.body;
    found["Items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(plain_item)
        .collect()
}

/// Waits until the outbox holds nothing of an organisation any more: a note goes just after its task's end.
pub async fn until_sent(org: &str) {
    let begun = Instant::now();
    for shard in 0..8 {
        while partition("millwright-local-outbox", &format!("OUTBOX#{shard}"))
            .await
            .iter()
            .any(|note| note["org"] == org)
        {
            assert!(begun.elapsed() < PATIENCE, "shard {shard} still holds a note of {org}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// Writes an item of plain JSON, keys included, as somebody with access to the table would.
pub async fn put(table: &str, item: &Value) {
    call("DynamoDB_20120810.PutItem", &put_item(table, item)).await;
}

/// What writes an item of plain JSON.
pub(crate) fn put_item(table: &str, item: &Value) -> Value {
    json!({ "TableName": table, "Item": typed(item)["M"] })
}

/// A plain value with its type (AWS "DynamoDB low-level API").
fn typed(value: &Value) -> Value {
    match value {
        Value::Null => json!({ "NULL": true }),
        Value::Bool(flag) => json!({ "BOOL": flag }),
        Value::Number(number) => json!({ "N": number.to_string() }),
        Value::String(text) => json!({ "S": text }),
        Value::Array(items) => json!({ "L": items.iter().map(typed).collect::<Vec<_>>() }),
        Value::Object(members) => {
            let cells = members.iter().map(|(name, member)| (name.clone(), typed(member)));
            json!({ "M": cells.collect::<Map<_, _>>() })
        }
    }
}

/// An item as plain JSON.
pub(crate) fn plain_item(item: &Value) -> Value {
    let members = item.as_object().into_iter().flatten();
    members
        .map(|(name, cell)| (name.clone(), plain(cell)))
        .collect::<Map<_, _>>()
        .into()
}

/// An attribute value without its type (AWS "DynamoDB low-level API").
fn plain(cell: &Value) -> Value {
    let Some((kind, value)) = cell.as_object().and_then(|cell| cell.iter().next()) else {
        return Value::Null;
    };
    match kind.as_str() {
        "N" => value
            .as_str()
            .and_then(|number| number.parse().ok())
            .map_or(Value::Null, Value::Number),
        "M" => plain_item(value),
        "L" => value.as_array().into_iter().flatten().map(plain).collect(),
        "NULL" => Value::Null,
        _ => value.clone(),
    }
}
