//! Many environments, one row a minute: what a subject gets, walked over random schedules on a clock of its own.

use super::{Account, Block, Class, Leased, Policy, Step, Subject, Verdict, Window};
use jiff::Timestamp;
use proptest::prelude::*;
use std::collections::HashMap;

/// The row that all environments write, under the condition that the database checks.
#[derive(Default)]
struct Rows(HashMap<Window, u32>);

impl Rows {
    fn lease(&mut self, policy: Policy, block: Block) -> Leased {
        let taken = self.0.entry(block.window).or_default();
        let requests = block.requests.min(policy.quota - *taken);
        *taken += requests;
        match requests {
            0 => Leased::UsedUp,
            requests => Leased::Granted {
                requests,
                taken: *taken,
            },
        }
    }
}

/// A deployment in which one subject calls, and what became of their requests.
struct World {
    policy: Policy,
    rows: Rows,
    environments: Vec<Account>,
    served: HashMap<Window, u32>,
    writes: u32,
}

impl World {
    fn new(quota: u32, environments: usize) -> Self {
        Self {
            policy: Policy {
                class: Class::Person,
                quota,
            },
            rows: Rows::default(),
            environments: (0..environments).map(|_| Account::default()).collect(),
            served: HashMap::new(),
            writes: 0,
        }
    }

    /// One request that reaches an environment; whether it is served.
    fn call(&mut self, environment: usize, now: Timestamp) -> bool {
        let subject = Subject {
            class: Class::Person,
            name: "ada".to_owned(),
        };
        let account = &mut self.environments[environment];
        let verdict = match account.spend(&subject, self.policy, now) {
            Step::Known(verdict) => verdict,
            Step::Lease(block) => {
                self.writes += 1;
                let leased = self.rows.lease(self.policy, block);
                account.leased((&subject, self.policy), block, leased, now)
            }
        };
        let served = matches!(verdict, Verdict::Serve(_));
        *self.served.entry(Window::at(now)).or_default() += u32::from(served);
        served
    }

    /// What a subject gets beyond the quota at the worst, and what may be out of their reach.
    fn slack(&self) -> u32 {
        let environments = u32::try_from(self.environments.len()).unwrap();
        environments.min(self.policy.quota / self.policy.block()) * (self.policy.block() - 1)
    }
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(1_767_323_040_000 + millis).unwrap()
}

proptest! {
    #[test]
    fn nobody_gets_more_than_the_quota_and_what_was_left_of_blocks(
        quota in 1_u32..2000,
        environments in 1_usize..80,
        calls in prop::collection::vec((0_usize..80, 0_i64..400, 1_usize..60), 1..100),
    ) {
        let mut world = World::new(quota, environments);
        let mut now = 0;
        for (environment, pause, burst) in calls {
            now += pause * pause / 4;
            for _ in 0..burst {
                let served = world.call(environment % environments, at(now));
                let taken = world.rows.0.get(&Window::at(at(now))).copied().unwrap_or(0);
                prop_assert!(taken <= quota);
                // Refused only once nothing is left to lease.
                prop_assert!(served || taken == quota);
            }
        }
        let most = quota + world.slack();
        prop_assert!(most < 2 * quota);
        for served in world.served.values() {
            prop_assert!(*served <= most, "{served} of {quota} in a minute with {environments} environments");
        }
    }
}

#[test]
fn the_worst_case_is_as_bad_as_said_and_no_worse() {
    // Requests until an environment's next block is a whole one: 1, 2, 4, 8 and 16.
    const GROWING: usize = 31;
    for (environments, most) in [(1, 1219), (10, 1390), (23, 1637)] {
        // Each environment leases a block just before the minute ends, and the subject uses the rest of it in the next one.
        let mut world = World::new(1200, environments);
        for environment in 0..environments {
            for _ in 0..=GROWING {
                assert!(world.call(environment, at(59_900)));
            }
        }
        let served = (0..environments).flat_map(|environment| [environment; 1300]);
        let served: u32 = served
            .map(|environment| u32::from(world.call(environment, at(60_000))))
            .sum();
        assert_eq!(served, most, "{environments} environments");
        assert_eq!(1200 + world.slack(), most);
    }
}

#[test]
fn whoever_starts_a_thousand_environments_loses_nothing() {
    let mut world = World::new(1200, 1000);
    for environment in 0..1000 {
        assert!(world.call(environment, at(0)));
    }
    let served = (0..2000).filter(|_| world.call(0, at(1))).count();
    assert_eq!(served, 200, "all of the rest by one environment");
}

#[test]
fn whoever_is_spread_over_environments_is_refused_the_earlier() {
    let mut world = World::new(1200, 10);
    for environment in 0..10 {
        for _ in 0..32 {
            world.call(environment, at(0));
        }
    }
    // All that one environment serves, while the others sit on the rest of their blocks.
    let served = (0..2000).filter(|_| world.call(0, at(1))).count();
    assert_eq!(served, 1200 - 320 - 9 * 19);
}

#[test]
fn full_speed_costs_a_write_a_second() {
    let mut world = World::new(1200, 3);
    // Ten minutes at 19 requests a second.
    for request in 0..11_320_i64 {
        assert!(world.call(usize::try_from(request % 3).unwrap(), at(request * 53)));
    }
    // Blocks of 1, 2, 4, 8 and 16 in each environment, and then whole ones.
    assert!((565..=600).contains(&world.writes), "{}", world.writes);
}

#[test]
fn a_flood_that_is_refused_costs_a_write_in_two_seconds() {
    let mut world = World::new(60, 1);
    for request in 0..59_000 {
        world.call(0, at(request));
    }
    assert_eq!(world.served[&Window::at(at(0))], 60);
    assert!(world.writes <= 60 + 30, "{}", world.writes);
}
