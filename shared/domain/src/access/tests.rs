//! Who may do what.

use super::*;
use crate::maintenance::Mode;
use sha2::{Digest, Sha256};

fn role(role: Role) -> Rights {
    Rights::Role {
        role,
        extra: Scopes::default(),
    }
}

fn caller(rights: Rights) -> Caller {
    let org: OrgId = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
    let membership = Membership {
        org,
        status: OrgStatus::Active,
        table: Some("t".into()),
        maintenance: Maintenance::default(),
        rights,
    };
    let principal = "usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
    Caller {
        principal,
        session: None,
        staff: false,
        membership: Some(membership),
        maintenance: Maintenance::default(),
        act: Act::Change,
        origin: Origin::default(),
    }
}

#[test]
fn rights_do_not_reach_into_another_organisation() {
    let owner = caller(role(Role::Owner));
    let home = owner.membership.as_ref().unwrap().org;
    let other = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XD".parse().unwrap();
    assert!(owner.require(home, Permission::OrgDelete).is_ok());
    assert_eq!(owner.require(other, Permission::OrgRead), Err(Denied::NotFound));
}

#[test]
fn a_key_never_holds_what_keys_cannot_be_given() {
    let key = caller(Rights::Scopes(Scopes::parse("key.manage telemetry.read nonsense")));
    let org = key.membership.as_ref().unwrap().org;
    assert!(key.require(org, Permission::TelemetryRead).is_ok());
    assert_eq!(
        key.require(org, Permission::KeyManage),
        Err(Denied::Lacks(Permission::KeyManage))
    );
}

#[test]
fn a_closing_organisation_is_read_and_not_written() {
    let mut owner = caller(role(Role::Owner));
    let place = owner.membership.as_mut().unwrap();
    place.status = OrgStatus::Closing;
    let org = place.org;
    let closing = Err(Denied::NotReady(OrgStatus::Closing));
    let lacks = Err(Denied::Lacks(Permission::DeviceSelf));
    for permission in Permission::ALL {
        let (changed, read) = (
            owner.require(org, *permission),
            Caller {
                act: Act::Read,
                ..owner.clone()
            }
            .require(org, *permission),
        );
        match permission {
            Permission::DeviceSelf => assert_eq!((changed, read), (lacks.clone(), lacks.clone())),
            Permission::OrgExport | Permission::JournalExport | Permission::OrgDelete => {
                assert_eq!(changed.unwrap().table(), Ok("t"), "{permission}");
            }
            _ => {
                assert_eq!(changed, closing, "{permission}");
                assert_eq!(read.unwrap().table(), Ok("t"), "{permission}");
            }
        }
    }
}

#[test]
fn staff_is_who_the_authorizer_says_and_never_a_key() {
    let owner = caller(role(Role::Owner));
    assert_eq!(owner.staff(), Err(Denied::StaffOnly));
    let staff = Caller { staff: true, ..owner };
    assert_eq!(
        staff.staff().map(|staff| Principal::User(staff.id())),
        Ok(staff.principal)
    );
    let principal = "key_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
    assert_eq!(Caller { principal, ..staff }.staff(), Err(Denied::StaffOnly));
}

#[test]
fn staff_opens_no_organisation() {
    let member = caller(role(Role::Owner));
    let home = member.membership.as_ref().unwrap().org;
    let staff = Caller {
        staff: true,
        membership: None,
        ..member
    };
    assert_eq!(staff.require(home, Permission::OrgRead), Err(Denied::NotFound));
}

#[test]
fn an_operator_uploads_and_reads_no_data() {
    let operator = caller(role(Role::Operator));
    let org = operator.membership.as_ref().unwrap().org;
    assert!(operator.require(org, Permission::TelemetryWrite).is_ok());
    let lacking = Permission::TelemetryRead;
    assert_eq!(operator.require(org, lacking), Err(Denied::Lacks(lacking)));
}

/// A permission without a line in the table would be nobody's.
#[test]
fn every_permission_is_in_the_table_once_and_in_the_order_of_their_names() {
    let listed: Vec<_> = decisions::DECISIONS.iter().map(|row| row.permission).collect();
    assert_eq!(listed, Permission::ALL);
}

#[test]
fn maintenance_of_an_organization_leaves_its_owner_the_way_out() {
    let owner = caller(role(Role::Owner));
    let org = owner.membership.as_ref().unwrap().org;
    let closed = |mode| {
        let mut owner = owner.clone();
        owner.membership.as_mut().unwrap().maintenance.mode = mode;
        owner
    };
    let reading = |caller: &Caller| caller.clone().admit(Act::Read).unwrap();
    let (read_only, no_access) = (closed(Mode::ReadOnly), closed(Mode::NoAccess));
    assert!(reading(&read_only).require(org, Permission::KeyManage).is_ok());
    for closed in [&read_only, &no_access, &reading(&no_access)] {
        let maintenance = closed.membership.as_ref().unwrap().maintenance.clone();
        let refusal = Denied::Maintenance(Closed::Organization, maintenance);
        assert_eq!(closed.require(org, Permission::KeyManage), Err(refusal));
    }
    for closed in [read_only, no_access] {
        assert!(closed.require(org, Permission::OrgManage).is_ok());
    }
}

#[test]
fn maintenance_of_the_deployment_keeps_out_everybody_but_staff_at_their_work() {
    for (mode, read, change) in [
        (Mode::None, true, true),
        (Mode::ReadOnly, true, false),
        (Mode::NoAccess, false, false),
    ] {
        let mut owner = caller(role(Role::Owner));
        owner.maintenance.mode = mode;
        assert_eq!(owner.clone().admit(Act::Read).is_ok(), read, "{mode:?}");
        assert_eq!(owner.clone().admit(Act::Change).is_ok(), change, "{mode:?}");
        assert_eq!(owner.staff(), Err(Denied::StaffOnly));
        let staff = Caller { staff: true, ..owner };
        assert!(staff.staff().is_ok(), "{mode:?}");
        assert_eq!(staff.admit(Act::Change).is_ok(), change, "{mode:?}");
    }
}

#[test]
fn what_was_given_beyond_a_role_counts_and_never_makes_an_owner() {
    let extra = Scopes::parse("telemetry.read org.delete");
    let operator = caller(Rights::Role {
        role: Role::Operator,
        extra,
    });
    let org = operator.membership.as_ref().unwrap().org;
    assert!(operator.require(org, Permission::TelemetryRead).is_ok());
    for lacking in [Permission::OrgDelete, Permission::FleetWrite] {
        assert_eq!(operator.require(org, lacking), Err(Denied::Lacks(lacking)));
    }
}

#[test]
fn only_people_are_people() {
    for other in [
        "key_01KAF2Z7M0V8Q4J3T6B9N5R1XC",
        "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC",
        "mch_01KAF2Z7M0V8Q4J3T6B9N5R1XC",
    ] {
        let principal = other.parse().unwrap();
        let caller = Caller {
            principal,
            staff: true,
            ..caller(role(Role::Owner))
        };
        assert_eq!(caller.person(), Err(Denied::PeopleOnly), "{other}");
        assert_eq!(caller.staff(), Err(Denied::StaffOnly), "{other}");
    }
}

#[test]
fn the_table_is_of_these_policies() {
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/policies"));
    let files = folder.read_dir().unwrap().map(|file| file.unwrap().path());
    let mut hash = Sha256::new();
    for file in files.collect::<std::collections::BTreeSet<_>>() {
        hash.update(std::fs::read(file).unwrap());
    }
    let table = include_str!("decisions.rs");
    hash.update(&table[table.find("/// What a program can be given.").unwrap()..]);
    let digest: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let stale =
        "the policies have changed, or the table without them: cargo run --manifest-path infra/policies/Cargo.toml";
    assert_eq!(digest, decisions::POLICIES, "{stale}");
}
