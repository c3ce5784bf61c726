use super::*;

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Dollars a month that a deployment costs at most while nobody calls, alarms included; and with 50 people who work with it.
const IDLE: f64 = 10.0;
const FIFTY: f64 = 15.0;

#[test]
fn nobody_calling_and_fifty_people_stay_within_their_bars() {
    let bills = bills(workspace()).unwrap();
    let [idle, fifty, ..] = &bills.bills[..] else { panic!() };
    assert!(idle.with_allowances <= IDLE, "{}", idle.with_allowances);
    assert!(fifty.with_allowances <= FIFTY, "{}", fifty.with_allowances);
    assert!(fifty.dollars < bills.data_all.dollars / 10.0);
}

#[test]
fn every_line_names_its_price_and_where_its_quantity_is_from() {
    let bills = bills(workspace()).unwrap();
    for bill in bills.bills.iter().chain([&bills.apart]) {
        assert!(!bill.charges.is_empty());
        for Charge { line, page, .. } in &bill.charges {
            assert!(!page.is_empty() && !line.source.is_empty(), "{}", line.what);
            assert!(line.quantity.is_finite() && line.quantity > 0.0, "{}", line.what);
        }
    }
}

#[test]
fn the_readmes_table_is_what_is_reckoned() {
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    let (_, rest) = readme.split_once("<!-- bill:begin -->\n").unwrap();
    let (table, _) = rest.split_once("<!-- bill:end -->").unwrap();
    let summary = summary(&bills(workspace()).unwrap());
    assert!(
        table == summary,
        "the README's bill is stale; this is what `cargo run -p bill -- table` prints:\n{summary}"
    );
}

#[test]
fn what_staff_see_beside_what_was_billed_is_what_is_reckoned() {
    let shown = fs::read_to_string(workspace().join("functions/operations/src/costs/estimate.json")).unwrap();
    let estimate = estimate(&bills(workspace()).unwrap());
    assert!(
        shown == estimate,
        "estimate.json is stale; this is what `cargo run -p bill -- estimate` prints:\n{estimate}"
    );
}

#[test]
fn the_idle_hour_was_measured_with_the_templates_schedules() {
    let read = |path: &str| fs::read_to_string(workspace().join(path)).unwrap();
    let inventory = template::read(&read("template.yaml"), &[]).unwrap();
    let measured = Measured::read(&read("infra/bill/measured.yaml")).unwrap();
    let mut scheduled = 0;
    for function in inventory.functions.iter().filter(|it| !it.schedules.is_empty()) {
        scheduled += 1;
        let an_hour: f64 = function.schedules.iter().map(|(_, times)| times).sum();
        let run = measured.idle_hour.runs.get(&function.name);
        let share = run.map_or(0.0, |run| run.times) / an_hour;
        assert!(
            (0.75..1.25).contains(&share),
            "{}: measure again, its schedules have changed ({share})",
            function.name
        );
    }
    assert!(scheduled >= 3);
}

#[test]
fn every_price_is_used_somewhere() {
    let prices = Prices::read(&fs::read_to_string(workspace().join("infra/bill/prices.yaml")).unwrap()).unwrap();
    let code = [include_str!("lines.rs"), include_str!("table.rs")].concat();
    let unused: Vec<_> = prices
        .names()
        .filter(|name| !code.contains(&format!("\"{name}\"")))
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}
