//! AWS as far as readings go: a queue that keeps its messages, and tables that keep blocks. It runs in the benchmark's process, so that nothing of it counts
//! as a function's time.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// What DynamoDB bills each item for beside its names and values (DynamoDB Developer Guide, "Constraints": storage of an item).
const ITEM: usize = 100;

/// What was sent and written.
#[derive(Default)]
pub struct Shelf {
    messages: Mutex<Vec<String>>,
    blocks: Mutex<BTreeMap<(String, String), Value>>,
}

/// A block as it is kept.
pub struct Kept {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What DynamoDB bills to store its item, those included.
    pub billed: usize,
}

impl Shelf {
    /// Serves one; its address.
    pub async fn start() -> (Arc<Self>, String) {
        let shelf = Arc::new(Self::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(shelf.clone());
        let router = router.layer(axum::extract::DefaultBodyLimit::disable());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (shelf, address)
    }

    /// Takes the messages that were sent so far.
    pub fn take_messages(&self) -> Vec<String> {
        std::mem::take(&mut self.messages.lock().unwrap())
    }

    /// Every block, in the order of its key: stream by stream, oldest first.
    pub fn blocks(&self) -> Vec<Kept> {
        self.blocks.lock().unwrap().iter().map(kept).collect()
    }

    fn call(&self, operation: &str, asked: &Value) -> Value {
        match operation {
            "SendMessage" => {
                let body = asked["MessageBody"].as_str().unwrap();
                self.messages.lock().unwrap().push(body.to_owned());
                json!({ "MessageId": "059f36b4-87a3-44ab-83d2-661975674810" })
            }
            "GetSecretValue" => json!({ "SecretString": "a secret of the benchmark" }),
            "BatchGetItem" => json!({ "Responses": { "directory": [organization()] } }),
            "GetItem" => row(&asked["Key"]),
            "BatchWriteItem" => self.keep(asked),
            "Query" => self.found(asked),
            _ => json!({}),
        }
    }

    fn keep(&self, asked: &Value) -> Value {
        let tables = asked["RequestItems"].as_object().unwrap().values();
        for put in tables.flat_map(|puts| puts.as_array().unwrap()) {
            let item = &put["PutRequest"]["Item"];
            let key = |name: &str| item[name]["S"].as_str().unwrap().to_owned();
            self.blocks.lock().unwrap().insert((key("pk"), key("sk")), item.clone());
        }
        json!({})
    }

    /// A page of a stream's blocks, which lie between two keys; of everything else there is nothing.
    fn found(&self, asked: &Value) -> Value {
        let text = |name: &str| {
            asked["ExpressionAttributeValues"][name]["S"]
                .as_str()
                .unwrap_or_default()
        };
        let (pk, to) = (text(":pk"), text(":b"));
        let after = asked["ExclusiveStartKey"]["sk"]["S"].as_str();
        let from = after.map_or(Bound::Included(text(":a")), Bound::Excluded);
        let limit = asked["Limit"].as_u64().and_then(|limit| limit.try_into().ok());
        let key = |sk: &str| (pk.to_owned(), sk.to_owned());
        let blocks = self.blocks.lock().unwrap();
        let range = (from.map(key), Bound::Included(key(to)));
        let range = (!to.is_empty()).then(|| blocks.range(range)).into_iter().flatten();
        let items: Vec<_> = range.map(|(_, item)| item).take(limit.unwrap_or(usize::MAX)).collect();
        match items.last().filter(|_| Some(items.len()) == limit) {
            Some(last) => json!({ "Items": items, "LastEvaluatedKey": { "pk": last["pk"], "sk": last["sk"] } }),
            None => json!({ "Items": items }),
        }
    }
}

async fn answer(State(shelf): State<Arc<Shelf>>, headers: HeaderMap, body: Bytes) -> String {
    let target = headers.get("x-amz-target").map(|target| target.to_str().unwrap());
    let operation = target.and_then(|target| target.split('.').nth(1)).unwrap_or_default();
    let asked = serde_json::from_slice(&body).unwrap_or_default();
    shelf.call(operation, &asked).to_string()
}

/// A device or a stream, whichever the key is of; nothing is filtered or laid down.
fn row(key: &Value) -> Value {
    let part = |name: &str| key[name]["S"].as_str().unwrap();
    let (pk, sk) = (part("pk"), part("sk"));
    match (pk.strip_prefix("DEVICE#"), sk.strip_prefix("STREAM#")) {
        (_, Some(variable)) => json!({ "Item": {
            "variable": { "S": variable }, "created_at": { "S": "2026-01-01T00:00:00Z" }, "span": { "N": "140737488355328" },
        }}),
        (Some(device), None) if sk == "META" => json!({ "Item": {
            "id": { "S": device }, "project": { "S": "prj_01KAF2Z7M0V8Q4J3T6B9N5R1XC" }, "name": { "S": "Press" },
            "hardware_id": { "N": "12345" }, "version": { "N": "1" }, "created_at": { "S": "2026-01-01T00:00:00Z" },
        }}),
        _ => json!({}),
    }
}

fn organization() -> Value {
    json!({
        "id": { "S": "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC" }, "name": { "S": "Acme" }, "status": { "S": "active" },
        "generation": { "N": "1" }, "table": { "S": "millwright-dev-org-01KAF2Z7M0V8Q4J3T6B9N5R1XC-1" },
        "task": { "S": "tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC" }, "created_by": { "S": "usr_65HXZ2XJ1MC8PVJ2DQSN2ZW0B3" },
        "created_at": { "S": "2026-01-01T00:00:00Z" },
    })
}

fn kept(((pk, sk), item): (&(String, String), &Value)) -> Kept {
    let binary = |name: &str| STANDARD.decode(item[name]["B"].as_str().unwrap()).unwrap();
    let (summary, bytes) = (binary("summary"), binary("bytes"));
    let names = "pk".len() + "sk".len() + "summary".len() + "bytes".len();
    Kept {
        billed: names + pk.len() + sk.len() + summary.len() + bytes.len() + ITEM,
        bytes,
    }
}
