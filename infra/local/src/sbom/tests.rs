use super::*;
use spdx::{Expression, ParseMode};

async fn workspaces() -> Value {
    let lock = fs::read_to_string(paths::workspace().join("Cargo.lock")).unwrap();
    let functions = crate::template::read()
        .unwrap()
        .functions()
        .unwrap()
        .into_values()
        .collect();
    bill(&Metadata::read().await.unwrap(), &lock, &functions)
}

fn functions(bill: &Value, name: &str) -> Vec<String> {
    let component = bill["components"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["name"] == name);
    let properties = component
        .and_then(|it| it["properties"].as_array())
        .into_iter()
        .flatten();
    properties.map(|it| it["value"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn each_crate_has_an_address_a_licence_and_a_hash_and_each_function_its_crates() {
    let bill = workspaces().await;
    let components = bill["components"].as_array().unwrap();
    let (mut applications, mut hashed) = (0, 0);
    for component in components {
        let purl = component["purl"].as_str().unwrap();
        assert!(purl.starts_with("pkg:cargo/") && purl.contains('@'), "{purl}");
        assert!(
            component["licenses"][0]["expression"].as_str().unwrap().len() > 2,
            "{purl}"
        );
        if component["type"] == "application" {
            applications += 1;
            continue;
        }
        // Our own crates come from nowhere; one bears the version of what it stands in for.
        if let Some(hash) = component["hashes"][0]["content"].as_str() {
            assert_eq!(hash.len(), 64, "{purl}");
            hashed += 1;
        } else {
            let ours =
                purl.ends_with(concat!("@", env!("CARGO_PKG_VERSION"))) || purl.starts_with("pkg:cargo/crc-fast@");
            assert!(ours, "{purl} has no hash");
        }
    }
    assert_eq!(
        applications,
        crate::template::read().unwrap().functions().unwrap().len()
    );
    assert!(hashed > 100, "{hashed}");
    assert_eq!(functions(&bill, "aws-sdk-cloudformation"), ["aws-worker"]);
    assert!(functions(&bill, "domain").len() >= 14);
    // What only the local cloud, the tests or the compiler use is in no function.
    for name in ["ministack", "clap", "proptest", "serde_derive"] {
        assert!(functions(&bill, name).is_empty(), "{name}");
    }
}

#[tokio::test]
async fn every_reference_is_to_a_component_and_none_comes_twice() {
    let bill = workspaces().await;
    let references = bill["components"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["bom-ref"].as_str().unwrap());
    let known: BTreeSet<_> = references.clone().collect();
    assert_eq!(references.count(), known.len());
    for dependency in bill["dependencies"].as_array().unwrap() {
        let on = dependency["dependsOn"].as_array().unwrap().iter();
        for reference in on.chain([&dependency["ref"]]) {
            assert!(known.contains(reference.as_str().unwrap()), "{reference}");
        }
    }
}

/// The licences that `deny.toml` allows.
fn allowed() -> BTreeSet<String> {
    let rules = fs::read_to_string(paths::workspace().join("deny.toml")).unwrap();
    let (_, rest) = rules.split_once("\nallow = [").unwrap();
    let (list, _) = rest.split_once(']').unwrap();
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

fn permitted(licence: &str, allowed: &BTreeSet<String>) -> bool {
    let expression = Expression::parse_mode(licence, ParseMode::LAX);
    expression.is_ok_and(|it| it.evaluate(|needed| allowed.contains(&needed.to_string())))
}

/// What `cargo deny check licenses` holds, where it is not installed: of every crate that is compiled, whatever for.
#[tokio::test]
async fn every_crates_licence_is_one_that_deny_toml_allows() {
    let (metadata, allowed) = (Metadata::read().await.unwrap(), allowed());
    assert!(
        allowed.contains("MIT") && allowed.contains("Apache-2.0 WITH LLVM-exception"),
        "{allowed:?}"
    );
    let refused = metadata
        .foreign()
        .filter(|package| !permitted(&package.licence(), &allowed));
    let refused: Vec<_> = refused
        .map(|package| format!("{}: {:?}", package.name, package.license))
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn a_choice_may_hold_what_is_not_allowed_and_a_demand_may_not() {
    let allowed = allowed();
    for (licence, fine) in [
        ("GPL-3.0-only OR MIT", true),
        ("MIT AND GPL-3.0-only", false),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("AGPL-3.0-only", false),
        ("NOASSERTION", false),
    ] {
        assert_eq!(permitted(licence, &allowed), fine, "{licence}");
    }
}
