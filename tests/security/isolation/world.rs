//! An organisation with something of everything, the operations that reach it, and all that could change in it.

use super::example::example;
use super::gates::{Gate, gate};
use crate::contract::{Operation as Described, operations};
use futures::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::{Answer, Api, Device, Organization, Person, answer, aws, carried, sample};

/// Requests under way at a time: more than the local cloud works on at once.
const AT_ONCE: usize = 4;

/// One operation, with its path filled in with what is really there.
#[derive(Debug, Clone)]
pub struct Operation {
    pub id: String,
    pub gate: Gate,
    method: Method,
    path: String,
    body: Option<Value>,
}

/// Somebody who calls, and the status that each operation must answer them; none where they may call it.
pub struct Visitor {
    pub name: &'static str,
    pub api: Api,
    pub refused: fn(Gate) -> Option<u16>,
}

/// The organisation whose things everybody wants.
pub struct World {
    pub press: Device,
    pub staff: Person,
    pub operations: Vec<Operation>,
}

impl World {
    pub async fn new() -> Self {
        let press = Organization::new("Acme").await.device(12345).await;
        press.report(sample("valid_small_16.bin")).await.added().await;
        let events = press.send_report("application/json", sample("flex_events_data.json"));
        press.accepted(events.await).added().await;
        let staff = Person::new("Sue").await.as_staff(tests::endpoint()).await;
        let operations = reach(&press).await;
        Self {
            press,
            staff,
            operations,
        }
    }

    /// All that could have changed: what every list and resource of the contract shows those who may see it.
    pub async fn state(&self) -> BTreeMap<String, Value> {
        aws::until_sent(&self.press.org.id).await;
        let shows =
            |operation: &&Operation| operation.method == Method::GET && !VOLATILE.contains(&operation.id.as_str());
        let seen = self.operations.iter().filter(shows).map(async |operation| {
            let api = match operation.gate {
                Gate::Staff => &self.staff.api,
                _ => &self.press.api,
            };
            let Answer { status, mut body, .. } = operation.call(api).await;
            still(&mut body);
            (
                format!("{} {}", operation.method, operation.path),
                json!([status, body]),
            )
        });
        futures::stream::iter(seen).buffer_unordered(AT_ONCE).collect().await
    }

    /// Has each visitor call each operation, and says which answers are not the refusal that they should be.
    pub async fn visits(&self, visitors: &[Visitor]) -> Vec<String> {
        let pairs = visitors.iter().flat_map(|visitor| {
            let operations = self.operations.iter();
            operations.filter_map(move |operation| Some((visitor, operation, (visitor.refused)(operation.gate)?)))
        });
        let calls = pairs.map(async |(visitor, operation, status)| {
            let answer = carried(async || operation.call(&visitor.api).await).await;
            let as_it_should = answer.status == status && answer.header("content-type") == "application/problem+json";
            (!as_it_should).then(|| {
                let Operation { id, method, path, .. } = operation;
                format!(
                    "{}: {id} ({method} {path}): {} for {status}: {}",
                    visitor.name, answer.status, answer.text
                )
            })
        });
        let wrong = futures::stream::iter(calls).buffer_unordered(AT_ONCE);
        wrong.filter_map(std::future::ready).collect().await
    }
}

/// What differs from one look to the next by itself, or since refusals are noted in it.
const VOLATILE: &[&str] = &[
    "getContract",
    "getCosts",
    "getStatus",
    "getJournalHead",
    "listDayStatistics",
    "listJournal",
    "listErrors",
    "listQueues",
    "listDeadLetters",
    "listSystemTasks",
    "listWork",
];

/// Takes out when a key was last used: its use does not wait for leave.
fn still(body: &mut Value) {
    match body {
        Value::Array(items) => items.iter_mut().for_each(still),
        Value::Object(members) => {
            members.retain(|name, _| !name.starts_with("last_used"));
            members.values_mut().for_each(still);
        }
        _ => {}
    }
}

/// The operations of the contract that are not open to everybody.
async fn reach(press: &Device) -> Vec<Operation> {
    let ids = ids(press).await;
    let contract = contract::full();
    let closed = operations(&contract).into_iter().filter_map(|described| {
        let Described {
            id,
            method,
            path,
            described: operation,
        } = described;
        let gate = gate(&id).filter(|gate| !matches!(gate, Gate::Open | Gate::Signed))?;
        let path = ids
            .iter()
            .fold(path, |path, (name, value)| path.replace(&format!("{{{name}}}"), value));
        assert!(
            !path.contains('{'),
            "{path}: say in `ids` (tests/security/isolation/world.rs) what is there"
        );
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        Some(Operation {
            body: schema.is_object().then(|| example(&contract, schema)),
            method: method.parse().unwrap(),
            path: with_query(&contract, path, &operation, &ids),
            id,
            gate,
        })
    });
    closed.collect()
}

/// What the parameters of paths stand for.
async fn ids(press: &Device) -> BTreeMap<&'static str, String> {
    let api = &press.api;
    let first = async |below: &str| {
        let page = api.get(&press.org.path(below)).await.expect(200);
        page["items"][0]["id"].as_str().unwrap().to_owned()
    };
    let below = |what: &str| format!("/devices/{}{what}", press.path.rsplit('/').next().unwrap());
    let created = press.org.path("/tasks?kind=organization.create");
    let created = api.get(&created).await.expect(200)["items"][0]["id"].clone();
    let machine = json!({ "name": "m", "account": "000000000000", "role_name": "press", "scopes": ["org.read"] });
    let machine = api.post(&press.org.path("/machines"), &machine).await.expect(201);
    let domain = json!({ "domain": format!("{}.example", tests::unique("acme")) });
    let domain = api.post(&press.org.path("/domains"), &domain).await.expect(201);
    let invited = json!({ "email": "bea@example.com", "role": "viewer" });
    let invitation = api.post(&press.org.path("/invitations"), &invited).await.expect(201);
    BTreeMap::from([
        ("org", press.org.id.clone()),
        ("project", first("/projects").await),
        ("device", press.path.rsplit('/').next().unwrap().to_owned()),
        ("key", press.org.key(&["org.read"]).await.0),
        ("invitation", invitation["id"].as_str().unwrap().to_owned()),
        ("token", invitation["token"].as_str().unwrap().to_owned()),
        ("domain", domain["domain"].as_str().unwrap().to_owned()),
        ("machine", machine["id"].as_str().unwrap().to_owned()),
        ("task", created.as_str().unwrap().to_owned()),
        ("user", press.org.owner.id.clone()),
        ("event", first(&below("/events")).await),
        ("variable", "5001".to_owned()),
        ("queue", "readings".to_owned()),
        ("mapping", "gmp_01KAF2Z7M0V8Q4J3T6B9N5R1XC".to_owned()),
    ])
}

/// The path with the query parameters that the operation demands.
fn with_query(contract: &Value, path: String, operation: &Value, ids: &BTreeMap<&str, String>) -> String {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let demanded = parameters.filter(|it| it["in"] == "query" && it["required"] == true);
    demanded.enumerate().fold(path, |path, (n, it)| {
        let name = it["name"].as_str().unwrap();
        let made = || match example(contract, &it["schema"]) {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let value = ids.get(name).cloned().unwrap_or_else(made);
        format!("{path}{}{name}={value}", if n == 0 { '?' } else { '&' })
    })
}

impl Operation {
    async fn call(&self, api: &Api) -> Answer {
        let request = api.request(self.method.clone(), &self.path);
        answer(match &self.body {
            // A version, so that it is not for want of one that a change is refused.
            _ if self.method == Method::GET => request,
            Some(body) => request.header("if-match", "\"1\"").json(body),
            None => request.header("if-match", "\"1\""),
        })
        .await
    }
}
