use super::*;
use proptest::prelude::*;

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap()
}

fn watch() -> impl Strategy<Value = Watch> {
    let seen = proptest::option::of((0..1_i64 << 40, 0..1_i64 << 40));
    (
        any::<bool>(),
        SilentAfter::LEAST..=SilentAfter::MOST,
        0..1_i64 << 40,
        seen,
    )
        .prop_map(|(enabled, seconds, begun, seen)| Watch {
            enabled,
            silent_after: seconds.try_into().unwrap(),
            begun: at(begun),
            seen: seen.map(|(one, other)| at(one.max(other))),
            resumed: seen.map(|(one, other)| at(one.min(other))),
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_state_is_what_the_rule_says(watch in watch(), silence in 0..3 * i64::from(SilentAfter::MOST) * 1000, anywhen in 0..1_i64 << 41) {
        let now = watch.seen.map_or(at(anywhen), |seen| at(seen.as_millisecond() + silence));
        let expected = match (watch.enabled, watch.seen) {
            (false, _) => DeviceState::Disabled,
            (true, None) => DeviceState::Unknown,
            (true, Some(_)) if silence <= i64::from(u32::from(watch.silent_after)) * 1000 => DeviceState::Ok,
            (true, Some(_)) => DeviceState::Failed,
        };
        prop_assert_eq!(watch.state(now), expected);
    }

    /// Without a further sign of life a device goes from ok to failed, once, and `since` is the time at which it does.
    #[test]
    fn silence_fails_once_and_since_then(watch in watch(), earlier in 0..1_i64 << 41, later in 0..1_i64 << 41) {
        let watch = Watch { enabled: true, ..watch };
        let (earlier, later) = (watch.status(at(earlier.min(later))), watch.status(at(earlier.max(later))));
        prop_assert!(earlier.state == later.state || (earlier.state, later.state) == (DeviceState::Ok, DeviceState::Failed));
        if earlier.state == later.state {
            prop_assert_eq!(earlier.since, later.since);
        }
        if let (DeviceState::Failed, Some(seen)) = (later.state, watch.seen) {
            let turn = seen.as_millisecond() + i64::from(u32::from(watch.silent_after)) * 1000;
            prop_assert_eq!((watch.state(at(turn)), watch.state(at(turn + 1))), (DeviceState::Ok, DeviceState::Failed));
            prop_assert_eq!(later.since, at(turn).max(watch.begun));
        }
    }

    /// Though not every sign of life is noted.
    #[test]
    fn who_is_heard_of_in_time_never_fails(seconds in SilentAfter::LEAST..=SilentAfter::MOST, gaps in proptest::collection::vec(0..=750_i64, 1..200)) {
        let mut watch = Watch::new(true, seconds.try_into().unwrap(), at(0));
        let uploads = gaps.iter().scan(0, |now, gap| { *now += gap * i64::from(seconds); Some(at(*now)) });
        for now in uploads {
            prop_assert!(watch.seen.is_none() || watch.state(now) == DeviceState::Ok);
            if watch.rests_until().is_none_or(|until| until < now) {
                watch.seen = Some(now);
            }
        }
    }

    #[test]
    fn a_watch_is_kept_as_it_is(watch in watch()) {
        let kept = serde_json::to_string(&watch).unwrap();
        prop_assert_eq!(serde_json::from_str::<Watch>(&kept).unwrap(), watch);
    }
}

#[test]
fn people_hear_of_silence_and_of_its_end_alone() {
    use DeviceState::{Disabled, Failed, Ok, Unknown};
    let all = [Disabled, Unknown, Ok, Failed];
    let news: Vec<_> = all
        .iter()
        .flat_map(|from| all.map(|to| (*from, to)))
        .filter(|(from, to)| from.is_news(*to))
        .collect();
    assert_eq!(news, [(Ok, Failed), (Failed, Ok)]);
}

#[test]
fn a_period_is_a_minute_to_thirty_days() {
    assert_eq!(u32::from(SilentAfter::default()), 7_200);
    for (seconds, taken) in [
        (0, false),
        (59, false),
        (60, true),
        (2_592_000, true),
        (2_592_001, false),
    ] {
        assert_eq!(SilentAfter::try_from(seconds).is_ok(), taken, "{seconds}");
    }
    let rest = |seconds| SilentAfter::try_from(seconds).unwrap().rest().as_secs();
    assert_eq!([60, 600, 1_200, 7_200].map(rest), [15, 150, 300, 300]);
}

#[test]
fn switching_begins_a_watch_anew_and_other_settings_do_not() {
    let watch = Watch {
        seen: Some(at(1_000)),
        resumed: Some(at(500)),
        ..Watch::new(true, SilentAfter::default(), at(100))
    };
    let set = |watch: Watch, enabled| {
        let device = Device {
            id: "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap(),
            project: "prj_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap(),
            name: crate::text::Name::parse("Press").unwrap(),
            hardware_id: 7,
            enabled,
            silent_after: SilentAfter(60),
            version: 2,
            created_at: at(100),
        };
        watch.set(&device, at(99_000))
    };
    assert_eq!(set(watch, true).status(at(9_000)).since, at(500));
    let off = set(watch, false).status(at(99_999));
    assert_eq!((off.state, off.since), (DeviceState::Disabled, at(99_000)));
    let on = set(
        Watch {
            enabled: false,
            ..watch
        },
        true,
    )
    .status(at(99_000));
    assert_eq!((on.state, on.since), (DeviceState::Failed, at(99_000)));
}
