//! Streams asked in other ways: by the calendar, for percentiles, for gaps, several at once, as lines.

use serde_json::{Value, json};
use tests::{Device, Organization};

/// A press with two days of hourly temperatures from midnight of 2026-03-28 in Berlin, but for the night of the 29th, and one pressure.
async fn press() -> Device {
    let press = Organization::new("Acme").await.device(1).await;
    // Clocks go forward on the 29th: 2026-03-29 has 23 hours.
    let hour = |n: i64| {
        let time = jiff::Timestamp::from_second(1_774_652_400 + n * 3_600).unwrap();
        json!({ "variable": "temperature", "time": time.to_string(), "value": n })
    };
    let mut readings: Vec<Value> = (0..47).filter(|n| !(24..30).contains(n)).map(hour).collect();
    readings.push(json!({ "variable": "pressure", "time": "2026-03-28T12:00:00Z", "value": 1.5 }));
    assert_eq!(press.readings(&json!(readings)).await.added().await, 42);
    press
}

async fn get(press: &Device, below: &str) -> Value {
    press.api.get(&format!("{}/{below}", press.path)).await.expect(200)
}

#[tokio::test]
async fn days_of_the_calendar_have_percentiles() {
    let press = press().await;
    let days = press
        .statistics("temperature", "window=day&time_zone=Europe/Berlin&percentiles=0,50,100")
        .await;
    let told: Vec<_> = days
        .iter()
        .map(|day| (&day["start"], &day["count"], &day["percentiles"][1]["value"]))
        .collect();
    let (first, second) = (json!("2026-03-27T23:00:00Z"), json!("2026-03-28T23:00:00Z"));
    assert_eq!(
        told,
        [(&first, &json!(24), &json!(11.0)), (&second, &json!(17), &json!(38.0))]
    );
    // In UTC the same readings lie in three days.
    let days = press.statistics("temperature", "window=day").await;
    let counts: Vec<_> = days.iter().map(|day| day["count"].as_u64().unwrap()).collect();
    assert_eq!(counts, [1, 23, 17]);
    let month = press
        .statistics("temperature", "window=month&time_zone=Europe/Berlin")
        .await;
    assert_eq!(
        (&month[0]["count"], &month[0]["rate"]),
        (&json!(41), &json!(1.0 / 3_600.0))
    );
    assert_eq!(month[0].get("percentiles"), None);
}

#[tokio::test]
async fn a_silent_night_is_a_gap() {
    let press = press().await;
    let gaps = get(&press, "streams/temperature/gaps?longer_than=1h").await;
    let night = json!({ "after": "2026-03-28T22:00:00Z", "until": "2026-03-29T05:00:00Z", "seconds": 25_200.0 });
    assert_eq!(gaps, json!({ "items": [night], "next": null }));
    let range = "start=2026-03-27T00:00:00Z&end=2026-03-31T00:00:00Z&limit=2";
    let page = get(&press, &format!("streams/temperature/gaps?longer_than=5h&{range}")).await;
    assert_eq!(page["items"].as_array().map(Vec::len), Some(2));
    let next = page["next"].as_str().unwrap();
    let rest = get(
        &press,
        &format!("streams/temperature/gaps?longer_than=5h&{range}&cursor={next}"),
    )
    .await;
    assert_eq!(
        (&rest["items"][0]["until"], &rest["next"]),
        (&json!("2026-03-31T00:00:00Z"), &Value::Null)
    );
}

#[tokio::test]
async fn several_streams_are_read_at_once_page_by_page() {
    let press = press().await;
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = get(
            &press,
            &format!("readings?variables=pressure,none,temperature&limit=20{cursor}"),
        )
        .await;
        found.extend(page["items"].as_array().cloned().unwrap());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(found.len(), 42);
    assert_eq!(
        (&found[0]["variable"], &found[0]["value"]),
        (&json!("pressure"), &json!(1.5))
    );
    let temperatures: Vec<_> = press.all_readings("temperature", "").await;
    let same =
        |(a, b): (&Value, &Value)| a["variable"] == "temperature" && a["time"] == b["time"] && a["value"] == b["value"];
    assert!(found[1..].iter().zip(&temperatures).all(same));
    press.api.get(&format!("{}/readings", press.path)).await.problem(400);
    press
        .api
        .get(&format!("{}/readings?variables=a,a", press.path))
        .await
        .problem(400);
}

#[tokio::test]
async fn readings_come_as_lines() {
    let press = press().await;
    let stream = format!("{}/streams/temperature/readings", press.path);
    let csv = press.api.get(&format!("{stream}?format=csv&limit=2")).await;
    assert_eq!(
        (csv.status, csv.header("content-type")),
        (200, "text/csv; charset=utf-8; header=present")
    );
    assert_eq!(
        csv.text,
        "time,value,status,id\r\n2026-03-27T23:00:00Z,0.0,clean,\r\n2026-03-28T00:00:00Z,1.0,clean,\r\n"
    );
    let link = csv.header("link");
    let next = link
        .strip_prefix("<?")
        .and_then(|link| link.strip_suffix(">; rel=\"next\""))
        .unwrap();
    let rest = press.api.get(&format!("{stream}?{next}&last=1")).await;
    assert_eq!(rest.status, 400);
    let second = press.api.get(&format!("{stream}?{next}")).await;
    assert!(second.text.contains("2026-03-28T01:00:00Z,2.0,"), "{}", second.text);
    let lines = press.api.get(&format!("{stream}?format=ndjson&limit=20000")).await;
    let values: Vec<f64> = lines
        .text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["value"].as_f64().unwrap())
        .collect();
    assert_eq!((values.len(), values[40]), (41, 46.0));
}
