//! Who may do what.

use super::*;

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
    for permission in Permission::ALL {
        let grant = owner.require(org, *permission);
        match Permission::WHILE_CLOSING.contains(permission) {
            true => assert_eq!(grant.unwrap().table(), Ok("t"), "{permission}"),
            false => assert_eq!(grant, closing, "{permission}"),
        }
    }
    for write in [
        Permission::TelemetryWrite,
        Permission::FleetWrite,
        Permission::MemberManage,
    ] {
        assert_eq!(owner.require(org, write), closing);
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
    assert!(Role::Operator.allows(Permission::TelemetryWrite));
    assert!(!Role::Operator.allows(Permission::TelemetryRead));
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
