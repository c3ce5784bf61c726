//! Stream filters: somebody sets one, the stream crosses a threshold, and those who are to hear of it do, once.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::filter::webhook::WebhookSecret;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::{Answer, Api, Device, Organization, PATIENCE, Receiver, answer, aws};

async fn put(api: &Api, path: &str, etag: &str, body: &Value) -> Answer {
    let request = api.request(Method::PUT, path).header("if-match", etag);
    answer(request.json(body)).await
}

/// A reading so many minutes after the story's beginning.
fn at(minute: u32, value: f64) -> Value {
    json!({ "variable": "temperature", "time": format!("2026-01-02T03:{minute:02}:00Z"), "value": value })
}

/// Hot above 80, well again at 70 or less.
fn thermostat(on_entry: &Value, on_exit: &Value) -> Value {
    json!({
        "initial": "well",
        "states": [{ "name": "well" }, { "name": "hot", "on_entry": on_entry, "on_exit": on_exit }],
        "transitions": [
            { "from": "well", "to": "hot", "when": [{ "operator": ">", "value": 80 }] },
            { "from": "hot", "to": "well", "when": [{ "operator": "<=", "value": 70 }] },
        ],
    })
}

/// The transitions of the stream, as it was read: numbers, states and values.
async fn transitions(press: &Device) -> Vec<(u64, String, f64)> {
    let path = format!("{}/streams/temperature/filter/transitions", press.path);
    let page = press.api.get(&path).await.expect(200);
    let items = page["items"].as_array().unwrap().iter();
    let short = |it: &Value| {
        let to = it["to"].as_str().unwrap().to_owned();
        (it["number"].as_u64().unwrap(), to, it["value"].as_f64().unwrap())
    };
    items.map(short).collect()
}

#[tokio::test]
async fn a_threshold_is_crossed_and_those_who_are_to_hear_of_it_do_once() {
    let press = Organization::new("Acme").await.device(7).await;
    let (api, filter) = (&press.api, format!("{}/streams/temperature/filter", press.path));
    let receiver = Receiver::new(&[503]).await;
    let topic = format!("filter-{}-alerts", press.org.id);
    aws::query("CreateTopic", &[("Name", &format!("millwright-local-{topic}"))]).await;
    let on_entry = json!([
        { "type": "email", "members": [press.org.owner.id] },
        { "type": "webhook", "url": format!("{}/hooks?line=4", receiver.url) },
        { "type": "derive", "variable": "alarm", "value": 1 },
        { "type": "report", "hours": 24, "format": "csv", "members": [press.org.owner.id] },
    ]);
    let on_exit = json!([
        { "type": "derive", "variable": "alarm", "value": 0 },
        { "type": "slack", "url": format!("{}/services/T0/B0/X", receiver.url) },
        { "type": "sns", "topic": "alerts" },
    ]);
    api.get(&filter).await.problem(404);
    let set = put(api, &filter, "\"0\"", &thermostat(&on_entry, &on_exit)).await;
    assert_eq!(set.header("etag"), "\"1\"");
    let set = set.expect(200);
    let secret = set["webhook_secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_"), "{secret}");
    assert!(
        !set.to_string().contains("/services/"),
        "Slack's URL is a secret: {set}"
    );
    let seen = api.get(&filter).await.expect(200);
    assert_eq!(
        (&seen["webhook_secret"], &seen["present"]),
        (&Value::Null, &Value::Null)
    );
    for row in aws::partition(
        &press.org.table(),
        &format!("DEVICE#{}", press.path.rsplit('/').next().unwrap()),
    )
    .await
    {
        let row = row.to_string();
        assert!(
            !row.contains(&secret) && !row.contains("/services/"),
            "a secret lies in clear: {row}"
        );
    }

    // It gets hot, and one reading of it comes twice in the same upload.
    press
        .readings(&json!([
            at(1, 20.0),
            at(2, 79.9),
            at(3, 85.5),
            at(3, 85.5),
            at(4, 90.0)
        ]))
        .await
        .added()
        .await;
    assert_eq!(transitions(&press).await, [(1, "hot".to_owned(), 85.5)]);
    let mail = aws::mail_to(&press.org.owner.email, "went from well to hot").await;
    assert!(mail.contains("at 2026-01-02T03:03:00Z"), "{mail}");
    let mail = aws::mail_to(&press.org.owner.email, "the 24 hours up to then, 3 of them").await;
    let path = mail.lines().find(|line| line.ends_with("/file")).unwrap();
    let file = api.get(path).await.expect(200);
    let file = reqwest::get(file["url"].as_str().unwrap()).await.unwrap();
    let lines = super::journal_export::unpacked(&file.bytes().await.unwrap());
    assert!(
        lines.len() == 4 && lines[3].contains(",temperature,2026-01-02T03:03:00Z,85.5,"),
        "{lines:?}"
    );
    // The receiver was busy at first, and is asked again under the same id.
    let heard = receiver.hears(2).await;
    let body = heard[1].json();
    assert_eq!(
        (heard[1].path.as_str(), &body["type"]),
        ("/hooks?line=4", &json!("filter.transition"))
    );
    assert_eq!(
        (&body["data"]["to"], &body["data"]["value"]),
        (&json!("hot"), &json!(85.5))
    );
    assert_eq!(heard[0].header("webhook-id"), heard[1].header("webhook-id"));
    for heard in &heard {
        let (id, timestamp) = (heard.header("webhook-id"), heard.header("webhook-timestamp"));
        let signature = heard.header("webhook-signature");
        assert_eq!(signature, signed(&secret, &format!("{id}.{timestamp}.{}", heard.body)));
        assert_eq!(
            signature,
            WebhookSecret::parse(&secret)
                .unwrap()
                .sign(id, timestamp.parse().unwrap(), &heard.body)
        );
    }
    until_readings(&press, "alarm", &[1.0]).await;

    // What comes late or again moves nothing, though by itself it would lead back.
    press.readings(&json!([at(2, 60.0), at(4, 60.0)])).await.added().await;
    let present = api.get(&filter).await.expect(200)["present"].clone();
    let expected = json!({ "state": "hot", "since": "2026-01-02T03:03:00Z", "seen": "2026-01-02T03:04:00Z" });
    assert_eq!(present, expected);

    // Well, hot, and well again within one upload.
    press
        .readings(&json!([at(7, 61.0), at(5, 60.0), at(6, 99.0)]))
        .await
        .added()
        .await;
    let made = transitions(&press).await;
    let numbers: Vec<_> = made.iter().map(|(number, to, _)| (*number, to.as_str())).collect();
    assert_eq!(numbers, [(4, "well"), (3, "hot"), (2, "well"), (1, "hot")]);
    let page = api.get(&format!("{filter}/transitions?limit=3")).await.expect(200);
    let rest = format!("{filter}/transitions?limit=3&cursor={}", page["next"].as_str().unwrap());
    assert_eq!(api.get(&rest).await.expect(200)["items"][0]["number"], 1);
    until_readings(&press, "alarm", &[1.0, 0.0, 1.0, 0.0]).await;
    let slack = receiver
        .hears(5)
        .await
        .into_iter()
        .filter(|it| it.path == "/services/T0/B0/X");
    assert!(slack.count() > 0, "{:?}", receiver.heard());
    aws::until_sent(&press.org.id).await;
    let tasks = api.get(&press.org.path("/tasks?kind=filter.act")).await.expect(200);
    let ended = tasks["items"].as_array().unwrap();
    assert!(
        ended.len() == 14 && ended.iter().all(|task| task["status"] == "succeeded"),
        "{tasks}"
    );
}

/// As the specification has it, by another library than the one that is tested.
fn signed(secret: &str, content: &str) -> String {
    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &key);
    format!(
        "v1,{}",
        STANDARD.encode(aws_lc_rs::hmac::sign(&key, content.as_bytes()))
    )
}

/// Waits until a stream has readings of these values, in order of time.
async fn until_readings(press: &Device, variable: &str, values: &[f64]) {
    let begun = Instant::now();
    loop {
        let path = format!("{}/streams/{variable}/readings", press.path);
        let page = press.api.get(&path).await.body;
        // There is no such stream before it is derived.
        let found = page["items"].as_array().into_iter().flatten();
        let found: Vec<_> = found.map(|it| it["value"].as_f64().unwrap()).collect();
        if found == values {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{variable} is {found:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn a_streams_own_filter_beats_its_projects_and_each_change_names_its_version() {
    let press = Organization::new("Acme").await.device(7).await;
    let (api, project) = (&press.api, press.project.clone().unwrap());
    let (theirs, own) = (
        format!("{project}/filters/temperature"),
        format!("{}/streams/temperature/filter", press.path),
    );
    let body = thermostat(&json!([]), &json!([]));
    put(api, &theirs, "\"1\"", &body).await.problem(412);
    answer(api.request(Method::PUT, &theirs).json(&body)).await.problem(428);
    put(api, &theirs, "\"0\"", &body).await.expect(200);
    let seen = api.get(&own).await;
    assert_eq!(seen.header("etag"), "\"0\"");
    assert_eq!(seen.expect(200)["project"], json!(project.rsplit('/').next()));
    press.readings(&json!([at(1, 85.0)])).await.added().await;
    assert_eq!(transitions(&press).await.len(), 1);

    let mut cooler = body.clone();
    cooler["transitions"][0]["when"][0]["value"] = json!(30);
    put(api, &own, "\"0\"", &cooler).await.expect(200);
    press.readings(&json!([at(1, 85.0), at(2, 31.0)])).await.added().await;
    assert_eq!(
        transitions(&press).await[0],
        (2, "hot".to_owned(), 31.0),
        "its own, from the beginning"
    );
    put(api, &own, "\"0\"", &cooler).await.problem(412);

    let mut wrong = body.clone();
    wrong["initial"] = json!("cold");
    wrong["states"][1]["on_entry"] = json!([{ "type": "webhook", "url": "https://169.254.169.254/latest" }]);
    let refused = put(api, &own, "\"1\"", &wrong).await;
    let pointers: Vec<_> = refused.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["pointer"])
        .collect();
    assert_eq!(pointers, ["/initial", "/states/1/on_entry/0/url"]);
    refused.problem(422);
    let projects_etag = api.get(&project).await.header("etag").to_owned();
    let why = api.delete_version(&project, &projects_etag).await.problem(409);
    assert!(why.contains("device"), "{why}");

    api.delete_version(&own, "\"1\"").await.expect(204);
    api.delete_version(&theirs, "\"1\"").await.expect(204);
    api.get(&own).await.problem(404);
    press.readings(&json!([at(3, 85.0)])).await.added().await;
    assert_eq!(
        transitions(&press).await.len(),
        2,
        "what was made is still listed, and nothing more"
    );
    let journal = api.get(&press.org.path("/journal?limit=100")).await.expect(200);
    let entries = journal["items"].as_array().unwrap().iter();
    let of_filters = entries.filter(|it| it["action"].as_str().unwrap().starts_with("filter."));
    assert_eq!(of_filters.count(), 4);
}
