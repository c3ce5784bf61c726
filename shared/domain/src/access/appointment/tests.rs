//! Nobody climbs.

use super::*;

const ME: &str = "usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC";
const OTHER: &str = "usr_01KAF2Z7M0V8Q4J3T6B9N5R1XD";

fn org() -> OrgId {
    "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap()
}

fn member(place: &Place) -> Caller {
    Caller {
        principal: ME.parse().unwrap(),
        session: None,
        staff: false,
        membership: Some(Membership {
            org: org(),
            status: OrgStatus::Active,
            table: None,
            maintenance: Maintenance::default(),
            rights: Rights::Role {
                role: place.role,
                extra: place.extra.clone(),
            },
        }),
        maintenance: Maintenance::default(),
        act: Act::Change,
        origin: Origin::default(),
    }
}

/// Every role alone, and with each permission that can be given to it.
fn places() -> Vec<Place> {
    let alone = Role::ALL.iter().map(|role| Place::from(*role));
    let given = Role::ALL.iter().flat_map(|role| {
        let each = Permission::ALL.iter();
        each.filter_map(|permission| Place::new(*role, &[*permission]).ok())
            .filter(|place| !place.extra.is_empty())
    });
    alone.chain(given).collect()
}

#[test]
fn nobody_gives_or_takes_what_they_do_not_hold() {
    let other: UserId = OTHER.parse().unwrap();
    let (mut allowed, mut refused) = (0, 0);
    for maker in places() {
        let caller = member(&maker);
        for from in places() {
            for to in places() {
                let within = |place: &Place| place.permissions().all(|held| maker.holds(held));
                let may = caller.may_appoint(org(), other, (&from, &to));
                assert_eq!(
                    may.is_ok(),
                    within(&from) && within(&to),
                    "{maker:?}: {from:?} to {to:?}"
                );
                if may.is_ok() { allowed += 1 } else { refused += 1 }
            }
        }
    }
    assert!(allowed > 500 && refused > 500, "{allowed} {refused}");
}

#[test]
fn only_owners_make_and_unmake_owners() {
    let other: UserId = OTHER.parse().unwrap();
    let (owner, viewer) = (Place::from(Role::Owner), Place::from(Role::Viewer));
    for maker in places() {
        for (from, to) in [(&owner, &viewer), (&viewer, &owner)] {
            let may = member(&maker).may_appoint(org(), other, (from, to));
            assert_eq!(may.is_ok(), maker.role == Role::Owner, "{maker:?}");
        }
    }
}

#[test]
fn nobody_changes_their_own_place() {
    let me: UserId = ME.parse().unwrap();
    for place in places() {
        for to in places() {
            let may = member(&place).may_appoint(org(), me, (&place, &to));
            assert_eq!(may, Err(Denied::Oneself));
        }
    }
}

#[test]
fn a_place_holds_its_role_and_what_can_be_given_beyond_it() {
    use Permission::{FleetRead, JournalRead, OrgDelete, TelemetryRead};
    let place = Place::new(Role::Operator, &[TelemetryRead, FleetRead, TelemetryRead]).unwrap();
    assert_eq!(place.extra.to_string(), "telemetry.read");
    assert!(place.holds(TelemetryRead) && place.holds(FleetRead) && !place.holds(JournalRead));
    assert_eq!(Place::new(Role::Admin, &[FleetRead, OrgDelete]), Err(1));
    assert_eq!(Place::new(Role::Owner, &[OrgDelete]), Ok(Place::from(Role::Owner)));
    assert_eq!(Place::new(Role::Viewer, &[Permission::DeviceSelf]), Err(0));
}

#[test]
fn what_is_held_is_told_with_whether_it_holds_now() {
    let mut viewer = member(&Place::from(Role::Viewer));
    let at = |caller: &Caller| {
        let held = caller.permissions(org()).unwrap();
        held.into_iter().find(|(held, ..)| *held == Permission::FleetRead)
    };
    assert_eq!(at(&viewer), Some((Permission::FleetRead, true, true)));
    viewer.maintenance.mode = Mode::ReadOnly;
    assert_eq!(at(&viewer), Some((Permission::FleetRead, true, false)));
    viewer.membership.as_mut().unwrap().maintenance.mode = Mode::NoAccess;
    assert_eq!(at(&viewer), Some((Permission::FleetRead, false, false)));
    viewer.membership = None;
    assert_eq!(viewer.permissions(org()), Err(Denied::NotFound));
}
