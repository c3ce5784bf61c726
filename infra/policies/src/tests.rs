//! The table is what the policies say.

use super::*;
use domain::Permission;
use domain::access::decision::{self, Act, Holder, Visitor};
use domain::maintenance::Mode;
use domain::organization::OrgStatus;

fn cedar() -> Cedar {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/domain/policies");
    Cedar::read(folder.as_ref()).unwrap()
}

#[test]
fn what_was_made_from_the_policies_is_committed() {
    for (path, text) in files().unwrap() {
        let committed = std::fs::read_to_string(&path).unwrap();
        assert!(
            committed == text,
            "{} is stale: cargo run --manifest-path infra/policies/Cargo.toml",
            path.display()
        );
    }
}

/// Every decision of the compiled table is Cedar's own, whatever else was given by name.
#[test]
fn every_decision_is_that_of_the_policies() {
    let cedar = cedar();
    let mut decisions = 0;
    for permission in Permission::ALL {
        let others: Vec<_> = Permission::ALL
            .iter()
            .copied()
            .filter(|other| other != permission)
            .collect();
        for case in line::cases() {
            let table = decision::decide(*permission, case);
            let sets: [&[Permission]; 2] = if case.given {
                [&[*permission], Permission::ALL]
            } else {
                [&[], &others]
            };
            for given in sets {
                let cedar = cedar.decide(*permission, case, given).unwrap();
                assert_eq!(table, cedar, "{permission}: {case:?}, given {given:?}");
                decisions += 1;
            }
        }
    }
    let combinations = Holder::ALL.len() * 2 * OrgStatus::ALL.len() * Mode::ALL.len() * 2;
    assert_eq!(decisions, combinations * 2 * Permission::ALL.len());
    for act in Act::ALL {
        for visitor in Visitor::ALL {
            for mode in Mode::ALL {
                let cedar = cedar.decide_act(*act, *visitor, *mode).unwrap();
                let table = decision::decide_act(*act, *visitor, *mode);
                assert_eq!(table, cedar, "{act:?}: {visitor:?} in {mode:?}");
            }
        }
    }
}

#[test]
fn policies_that_do_not_fit_their_schema_are_refused() {
    let folder = std::env::temp_dir().join(format!("millwright-policies-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/domain/policies");
    std::fs::copy(
        format!("{policies}/schema.cedarschema"),
        folder.join("schema.cedarschema"),
    )
    .unwrap();
    for (policy, accepted) in [
        (
            r#"permit (principal is Member, action == Action::"org.read", resource);"#,
            true,
        ),
        (
            r#"permit (principal is Member, action == Action::"org.raed", resource);"#,
            false,
        ),
        (r#"permit (principal is Mebmer, action, resource);"#, false),
        (
            r#"permit (principal is Member, action, resource) when { principal.salary > 1 };"#,
            false,
        ),
        (r#"permit (principal is Member, action"#, false),
    ] {
        std::fs::write(folder.join("one.cedar"), policy).unwrap();
        assert_eq!(Cedar::read(&folder).is_ok(), accepted, "{policy}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
