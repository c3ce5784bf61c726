//! The tries at one address, played through.

use super::*;

/// An address at which tries are made, and the time.
struct Door {
    stored: Option<Attempts>,
    now: Timestamp,
    told: u32,
}

fn network(n: u8) -> Network {
    Network::of(IpAddr::from([203, 0, n, 7]))
}

impl Door {
    fn new() -> Self {
        Self {
            stored: None,
            now: Timestamp::from_second(1_767_323_045).unwrap(),
            told: 0,
        }
    }

    fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    /// A wrong password; how long to wait where it is not even looked at.
    fn wrong(&mut self, from: &Network) -> Result<(), u64> {
        let reserved = Attempts::reserve(self.stored.clone(), from, self.now).map_err(|wait| wait.0.as_secs())?;
        self.told += u32::from(reserved.tell);
        self.stored = Some(reserved.attempts);
        Ok(())
    }

    fn right(&mut self, from: &Network) -> Result<(), u64> {
        self.wrong(from)?;
        self.stored = self
            .stored
            .take()
            .and_then(|attempts| attempts.right(from, 1, self.now));
        Ok(())
    }

    /// How many of these tries at one moment are let through.
    fn at_once(&mut self, tries: u32, from: impl Fn(u32) -> Network) -> usize {
        (0..tries).filter(|n| self.wrong(&from(*n)).is_ok()).count()
    }
}

#[test]
fn five_tries_are_free_and_then_each_costs_twice_the_wait() {
    let (mut door, home) = (Door::new(), network(1));
    assert_eq!(door.at_once(100, |_| network(1)), 5);
    for wait in [60, 120, 240, 480, 960, 1920, 3600, 3600] {
        assert_eq!(door.wrong(&home), Err(wait));
        door.pass(i64::try_from(wait).unwrap() - 1);
        assert_eq!(door.wrong(&home), Err(1));
        door.pass(1);
        assert_eq!(door.wrong(&home), Ok(()));
    }
    assert_eq!(door.told, 1, "the owner is told once");
}

#[test]
fn a_right_password_leaves_nothing_behind() {
    let (mut door, home) = (Door::new(), network(1));
    for _ in 0..20 {
        door.right(&home).unwrap();
        assert_eq!(door.stored, None);
    }
}

#[test]
fn a_right_password_forgives_the_wrong_ones_before_it() {
    let (mut door, home) = (Door::new(), network(1));
    for _ in 0..10 {
        assert_eq!(door.at_once(4, |_| network(1)), 4);
        door.right(&home).unwrap();
        door.pass(60);
    }
    assert_eq!(door.at_once(100, |_| network(1)), 5);
}

#[test]
fn a_right_password_among_a_hundred_at_once_lets_no_more_through() {
    for right_at in 0..5 {
        let mut door = Door::new();
        let wrong = door.at_once(right_at, |_| network(1));
        let reserved = Attempts::reserve(door.stored.take(), &network(1), door.now).unwrap();
        door.stored = Some(reserved.attempts);
        let more = door.at_once(100, |_| network(1));
        door.stored = door
            .stored
            .take()
            .and_then(|attempts| attempts.right(&network(1), 1, door.now));
        let after = door.at_once(100, |_| network(1));
        assert_eq!((wrong + 1 + more, after), (5, 0), "the right one is number {right_at}");
    }
}

#[test]
fn guessing_elsewhere_gains_nothing_by_the_owners_sign_in() {
    let mut door = Door::new();
    assert_eq!(door.at_once(5, |_| network(2)), 5);
    door.pass(1);
    door.right(&network(1)).unwrap();
    assert!(door.wrong(&network(2)).is_err());
    door.pass(60);
    assert_eq!(door.at_once(100, |_| network(2)), 1);
}

#[test]
fn one_network_at_its_worst_for_a_day_does_not_lock_another_out() {
    let mut door = Door::new();
    let (mut tries, begun) = (0, door.now);
    while door.now - SignedDuration::from_hours(23) < begun {
        match door.wrong(&network(2)) {
            Ok(()) => tries += 1,
            Err(wait) => door.pass(i64::try_from(wait).unwrap()),
        }
    }
    assert!(tries < CEILING, "{tries}");
    let waited = door.wrong(&network(1)).err().unwrap_or(0);
    assert!(
        waited <= 64,
        "the owner waits no longer than Cognito's own wait: {waited} s"
    );
}

#[test]
fn a_network_for_each_guess_ends_at_the_ceiling() {
    let mut door = Door::new();
    let (mut tries, begun) = (0_u32, door.now);
    while door.now - SignedDuration::from_hours(23) < begun {
        let from = network(u8::try_from(tries).unwrap());
        match door.wrong(&from) {
            Ok(()) => tries += 1,
            Err(wait) => door.pass(i64::try_from(wait).unwrap()),
        }
    }
    assert_eq!(tries, CEILING);
    door.pass(2 * 3600);
    assert_eq!(door.wrong(&network(1)), Ok(()));
}

#[test]
fn what_came_to_nothing_does_not_count() {
    let (mut door, home) = (Door::new(), network(1));
    for _ in 0..20 {
        door.wrong(&home).unwrap();
        door.stored = door
            .stored
            .take()
            .and_then(|attempts| attempts.given_back(&home, door.now));
    }
    assert_eq!(door.stored, None);
}

#[test]
fn a_network_is_what_one_site_is_given() {
    let of = |text: &str| Network::of(text.parse().unwrap()).to_string();
    assert_eq!(of("203.0.113.77"), "203.0.113.0/24");
    assert_eq!(of("::ffff:203.0.113.77"), "203.0.113.0/24");
    assert_eq!(of("2001:db8:1:2:3::4"), "2001:db8:1::/48");
}

#[test]
fn a_second_factor_is_a_try_of_its_own_and_both_are_forgiven_together() {
    let (mut door, home) = (Door::new(), network(1));
    for _ in 0..20 {
        door.wrong(&home).unwrap();
        door.wrong(&home).unwrap();
        door.stored = door
            .stored
            .take()
            .and_then(|attempts| attempts.right(&home, 2, door.now));
        assert_eq!(door.stored, None, "nothing is left of a password and its code");
    }
    // The password is known, and codes are guessed: the password's own try is one of the five.
    assert_eq!(door.at_once(100, |_| network(1)), 5);
}
