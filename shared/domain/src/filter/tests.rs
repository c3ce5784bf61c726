use super::webhook::PlainHosts;
use super::*;
use blocks::{Reading, Status};
use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::{Value, json};

fn parse(body: &Value) -> Result<Filter, Vec<(String, String)>> {
    let written: NewFilter = serde_json::from_value(body.clone()).unwrap();
    let (variable, plain_hosts) = ("temperature".parse().unwrap(), PlainHosts::default());
    let rules = Rules {
        variable: &variable,
        plain_hosts: &plain_hosts,
        seal: &|text| Some(Sealed::new(format!("sealed {}", text.len()))),
    };
    written.parse(&rules).map_err(|errors| errors.0)
}

fn wrong(body: &Value) -> Vec<String> {
    let errors = parse(body).unwrap_err();
    errors.into_iter().map(|(pointer, _)| pointer).collect()
}

fn way(from: &str, to: &str, when: &Value) -> Value {
    json!({ "from": from, "to": to, "when": when })
}

/// Hot above 80, well again at 70 or less; an hour's worth of it mails somebody.
fn thermostat() -> Value {
    let mail = json!({ "type": "email", "members": ["usr_5RXFY5KS1MC8VBJ4DQKEBZ05N3"] });
    json!({
        "initial": "well",
        "states": [
            { "name": "well", "on_exit": [{ "type": "sns", "topic": "left" }] },
            { "name": "hot", "on_entry": [mail, { "type": "webhook", "url": "https://a.example/" }] },
            { "name": "off" },
        ],
        "transitions": [
            way("well", "off", &json!([{ "operator": "=", "value": -1 }])),
            way("well", "hot", &json!([{ "operator": ">", "value": 80 }, { "operator": "!=", "value": 85.5 }])),
            way("hot", "well", &json!([{ "operator": "<=", "value": 70 }])),
            way("off", "well", &json!([{ "operator": "always" }])),
        ],
    })
}

fn reading(time: i64, value: f64) -> Reading {
    Reading {
        time,
        value,
        status: Status::Clean,
        id: None,
    }
}

fn filter_id() -> FilterId {
    "flt_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap()
}

/// The states after each reading that brought one about, when the readings come in batches like these.
fn walk(filter: &Filter, batches: &[Vec<Reading>]) -> (Progress, Vec<Fired>) {
    let mut kept = None;
    let mut all = Vec::new();
    for batch in batches {
        let mut progress = Progress::of(filter_id(), filter, kept);
        let mut batch = batch.clone();
        batch.sort_by_key(Seen::of);
        let fired = batch
            .iter()
            .filter_map(|it| progress.take(filter, it, Timestamp::UNIX_EPOCH));
        all.extend(fired.map(|(fired, _)| fired));
        kept = Some(progress);
    }
    (Progress::of(filter_id(), filter, kept), all)
}

#[test]
fn the_first_transition_that_holds_is_taken_and_leaves_before_it_enters() {
    let filter = parse(&thermostat()).unwrap();
    let state = |name: &str| StateName::try_from(name.to_owned()).unwrap();
    let step = filter.step(&state("well"), 90.0).unwrap();
    let actions: Vec<_> = step.actions.iter().map(|action| action.as_str()).collect();
    assert_eq!((step.to, actions), (&state("hot"), vec!["sns", "email", "webhook"]));
    assert_eq!(
        filter.step(&state("well"), 85.5),
        None,
        "all of a transition's triggers must hold"
    );
    assert_eq!(filter.step(&state("well"), 80.0), None);
    assert_eq!(filter.step(&state("well"), -1.0).unwrap().to, &state("off"));
    assert_eq!(filter.step(&state("off"), f64::MAX).unwrap().to, &state("well"));
    assert_eq!(filter.step(&state("gone"), 90.0), None);
    assert!(filter.signs());
}

#[test]
fn a_filter_is_read_back_as_it_was_written() {
    let mut body = thermostat();
    body["transitions"][0]["when"][0]["value"] = json!(1e300);
    let filter = parse(&body).unwrap();
    let text = serde_json::to_string(&filter).unwrap();
    assert_eq!(serde_json::from_str::<Filter>(&text).unwrap(), filter);
}

#[test]
fn what_is_wrong_is_told_by_its_place() {
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut body = thermostat();
        change(&mut body);
        wrong(&body)
    };
    assert_eq!(changed(&|it| it["initial"] = json!("cold")), ["/initial"]);
    assert_eq!(
        changed(&|it| it["transitions"][0]["to"] = json!("cold")),
        ["/transitions/0/to"]
    );
    assert_eq!(
        changed(&|it| it["transitions"][2]["to"] = json!("hot")),
        ["/transitions/2/to"]
    );
    assert_eq!(
        changed(&|it| it["transitions"][1]["when"] = json!([])),
        ["/transitions/1/when"]
    );
    assert_eq!(
        changed(&|it| it["transitions"][0]["when"] = json!([{ "operator": "always" }])),
        ["/transitions/1"]
    );
    assert_eq!(
        changed(&|it| it["states"][2]["name"] = json!("hot")),
        ["/states/2/name", "/transitions/0/to", "/transitions/3/from"]
    );
    assert_eq!(
        changed(&|it| it["transitions"].as_array_mut().unwrap().truncate(1)),
        ["/states/1/name"],
        "nothing leads there"
    );
    let with = |action: &Value| changed(&|it| it["states"][0]["on_entry"] = json!([action]));
    assert_eq!(
        with(&json!({ "type": "derive", "variable": "temperature" })),
        ["/states/0/on_entry/0/variable"]
    );
    assert_eq!(
        with(&json!({ "type": "webhook", "url": "https://10.0.0.1/" })),
        ["/states/0/on_entry/0/url"]
    );
    assert_eq!(
        with(&json!({ "type": "slack", "url": "https://a.example/services/x" })),
        ["/states/0/on_entry/0/url"]
    );
    assert_eq!(
        with(&json!({ "type": "email", "members": [] })),
        ["/states/0/on_entry/0/members"]
    );
    for (hours, members, pointer) in [(0, 1, "hours"), (169, 1, "hours"), (24, 0, "members")] {
        let members = vec!["usr_5RXFY5KS1MC8VBJ4DQKEBZ05N3"; members];
        let report = json!({ "type": "report", "hours": hours, "members": members });
        assert_eq!(with(&report), [format!("/states/0/on_entry/0/{pointer}")]);
    }
    let sns = json!({ "type": "sns", "topic": "x" });
    assert_eq!(
        changed(&|it| it["states"][0]["on_entry"] = json!(vec![sns.clone(); 5])),
        ["/states/0/on_entry"]
    );
    assert_eq!(
        changed(&|it| it["states"][0]["on_entry"] = json!(vec![sns.clone(); 17])),
        ["/states"]
    );
    let ways = vec![way("well", "hot", &json!([{ "operator": "<", "value": 1 }])); 65];
    assert_eq!(changed(&|it| it["transitions"] = json!(ways)), ["/transitions"]);
}

#[test]
fn a_trigger_says_neither_too_little_nor_too_much() {
    let read = |body: &Value| serde_json::from_value::<Trigger>(body.clone()).map_err(|error| error.to_string());
    assert!(read(&json!({ "operator": ">=" })).unwrap_err().contains("`value`"));
    assert!(
        read(&json!({ "operator": "always", "value": 1 }))
            .unwrap_err()
            .contains("`always`")
    );
    assert!(read(&json!({ "operator": "~", "value": 1 })).is_err());
    assert!(read(&json!({ "operator": "always" })).unwrap().holds(f64::MIN));
}

#[test]
fn another_filter_begins_anew_and_a_changed_one_goes_on() {
    let filter = parse(&thermostat()).unwrap();
    let (kept, _) = walk(&filter, &[vec![reading(1, 90.0)]]);
    assert_eq!(kept.state.to_string(), "hot");
    assert_eq!(Progress::of(filter_id(), &filter, Some(kept.clone())), kept);
    let other: FilterId = "flt_01KAF2Z7M0V8Q4J3T6B9N5R1XD".parse().unwrap();
    let anew = Progress::of(other, &filter, Some(kept.clone()));
    assert_eq!((anew.state.to_string(), anew.seen), ("well".to_owned(), kept.seen));
}

#[test]
fn a_stream_acts_so_often_an_hour() {
    let filter = parse(&thermostat()).unwrap();
    let mut progress = Progress::of(filter_id(), &filter, None);
    let mut run = |n: i64, now| progress.take(&filter, &reading(n, if n % 2 == 0 { 90.0 } else { 60.0 }), now);
    let fired: Vec<_> = (0..200).filter_map(|n| run(n, Timestamp::UNIX_EPOCH)).collect();
    let done: usize = fired.iter().map(|(_, actions)| actions.len()).sum();
    let left_out: u32 = fired.iter().map(|(fired, _)| fired.left_out).sum();
    assert_eq!((fired.len(), done, left_out), (200, 100, 200));
    let later = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
    assert_eq!(run(200, later).unwrap().1.len(), 3, "and again in the next");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn however_readings_are_cut_into_batches_the_end_is_the_same(
        values in proptest::collection::vec(prop_oneof![Just(90.0), Just(60.0), Just(75.0), Just(-1.0), -1e3..1e3f64], 0..60),
        cuts in proptest::collection::vec(0..60usize, 0..5),
    ) {
        let filter = parse(&thermostat()).unwrap();
        let readings: Vec<_> = (0..).zip(&values).map(|(n, value)| reading(n, *value)).collect();
        let whole = walk(&filter, std::slice::from_ref(&readings));
        let mut batches = vec![readings.clone()];
        for cut in cuts {
            let last = batches.last_mut().unwrap();
            let tail = last.split_off(cut.min(last.len()));
            batches.push(tail);
        }
        prop_assert_eq!(&walk(&filter, &batches), &whole);
        prop_assert!(filter.state(&whole.0.state).is_some());
    }

    #[test]
    fn what_comes_late_or_twice_neither_fires_nor_moves_it_back(
        values in proptest::collection::vec(-1e2..1e2f64, 1..40), again in proptest::collection::vec((0..40usize, -1e2..1e2f64), 0..40),
    ) {
        let filter = parse(&thermostat()).unwrap();
        let readings: Vec<_> = (0..).zip(&values).map(|(n, value)| reading(n, *value)).collect();
        let whole = walk(&filter, std::slice::from_ref(&readings));
        let late = again.iter().map(|(n, value)| reading((n % values.len()) as i64, *value)).collect();
        prop_assert_eq!(&walk(&filter, &[readings.clone(), late, readings]), &whole);
    }
}
