//! What one execution environment remembers of the blocks that it has leased.

use super::{Class, Leased, Policy, Subject, Window};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Most subjects that are remembered: 200 bytes each. Who is forgotten leases anew.
const MOST: usize = 4096;
/// How long an environment refuses by itself once a quota is used up: a flood costs it one write in so long.
const REFUSED_FOR: SignedDuration = SignedDuration::from_secs(2);

/// One environment's blocks.
#[derive(Debug, Default)]
pub struct Account(HashMap<Subject, Held>);

#[derive(Debug)]
struct Held {
    /// When the block was leased.
    window: Window,
    /// What all environments had leased of that window by then.
    taken: u32,
    /// What is left of the block.
    left: u32,
    /// Until when requests are refused without another look.
    refused_until: Option<Timestamp>,
}

/// What to do about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// What this environment holds decides.
    Known(Verdict),
    /// Lease a block of this window first.
    Lease(Window),
}

/// What to do with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Serve it.
    Serve(Standing),
    /// Refuse it.
    Refuse(Standing),
}

/// How a subject stands, as far as this environment knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whose quota it is.
    pub class: Class,
    /// Requests a minute.
    pub quota: u32,
    /// Requests left in this minute.
    pub remaining: u32,
    /// Seconds until the next minute begins, at least 1.
    pub reset: u32,
}

impl Account {
    /// Takes a request of a subject into account.
    pub fn spend(&mut self, subject: &Subject, policy: Policy, now: Timestamp) -> Step {
        let window = Window::at(now);
        match self.0.get_mut(subject) {
            Some(held) if held.left > 0 && held.window.serves(window) => {
                held.left -= 1;
                Step::Known(Verdict::Serve(held.standing(policy, now)))
            }
            Some(held) if held.window == window && held.refused_until.is_some_and(|until| now < until) => {
                Step::Known(Verdict::Refuse(held.standing(policy, now)))
            }
            _ => Step::Lease(window),
        }
    }

    /// Takes into account what came of the lease that [`Step::Lease`] asked for; the request that asked is the block's first.
    pub fn leased(
        &mut self,
        (subject, policy): (&Subject, Policy),
        window: Window,
        leased: Leased,
        now: Timestamp,
    ) -> Verdict {
        let held = match leased {
            Leased::Block { taken } => Held::block(policy, window, taken),
            Leased::UsedUp => Held {
                window,
                taken: policy.quota,
                left: 0,
                refused_until: Some(now + REFUSED_FOR),
            },
        };
        let standing = held.standing(policy, now);
        self.remember(subject, held, window);
        match leased {
            Leased::Block { .. } => Verdict::Serve(standing),
            Leased::UsedUp => Verdict::Refuse(standing),
        }
    }

    /// Nobody could say whether there is a block left: the request is served, and so are as many as a block has.
    pub fn unanswered(&mut self, (subject, policy): (&Subject, Policy), window: Window, now: Timestamp) -> Verdict {
        // As if it had been the last one: nobody is promised more than what is sure.
        let held = Held::block(policy, window, policy.quota);
        let standing = held.standing(policy, now);
        self.remember(subject, held, window);
        Verdict::Serve(standing)
    }

    fn remember(&mut self, subject: &Subject, held: Held, window: Window) {
        if self.0.len() >= MOST && !self.0.contains_key(subject) {
            self.0.retain(|_, held| held.window == window);
            if self.0.len() >= MOST {
                self.0.clear();
            }
        }
        self.0.insert(subject.clone(), held);
    }
}

impl Held {
    /// A block whose first request is being served.
    fn block(policy: Policy, window: Window, taken: u32) -> Self {
        Self {
            window,
            taken,
            left: policy.block() - 1,
            refused_until: None,
        }
    }

    fn standing(&self, policy: Policy, now: Timestamp) -> Standing {
        let window = Window::at(now);
        // Of another minute's leases nothing is known yet.
        let taken = if self.window == window { self.taken } else { 0 };
        let free = policy.quota.saturating_sub(taken);
        let reset = u32::try_from(window.end() - now.as_second()).unwrap_or(1);
        Standing {
            class: policy.class,
            quota: policy.quota,
            remaining: free.saturating_add(self.left).min(policy.quota),
            reset: reset.max(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERSON: Policy = Policy {
        class: Class::Person,
        quota: 1200,
    };

    fn subject(name: &str) -> Subject {
        Subject {
            class: Class::Person,
            name: name.to_owned(),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_767_323_040 + second).unwrap()
    }

    #[test]
    fn a_block_serves_its_worth_without_another_look() {
        let (mut account, ada) = (Account::default(), subject("ada"));
        let Step::Lease(window) = account.spend(&ada, PERSON, at(5)) else {
            panic!()
        };
        let step = account.leased((&ada, PERSON), window, Leased::Block { taken: 40 }, at(5));
        let standing = |remaining, reset| Standing {
            class: Class::Person,
            quota: 1200,
            remaining,
            reset,
        };
        assert_eq!(step, Verdict::Serve(standing(1179, 55)));
        for left in (0..19).rev() {
            let served = Step::Known(Verdict::Serve(standing(1160 + left, 1)));
            assert_eq!(account.spend(&ada, PERSON, at(59)), served);
        }
        assert_eq!(account.spend(&ada, PERSON, at(59)), Step::Lease(window));
    }

    #[test]
    fn a_block_is_good_for_the_next_minute_and_no_longer() {
        let (mut account, ada) = (Account::default(), subject("ada"));
        account.leased((&ada, PERSON), Window::at(at(0)), Leased::Block { taken: 20 }, at(0));
        let late = account.spend(&ada, PERSON, at(119));
        assert!(matches!(late, Step::Known(Verdict::Serve(standing)) if standing.remaining == 1200));
        assert!(matches!(account.spend(&ada, PERSON, at(120)), Step::Lease(_)));
        // A clock that was set back is another minute, too.
        assert!(matches!(account.spend(&ada, PERSON, at(-1)), Step::Lease(_)));
    }

    #[test]
    fn who_is_refused_is_looked_at_again_in_a_moment_and_in_the_next_minute() {
        let (mut account, ada) = (Account::default(), subject("ada"));
        let refused = account.leased((&ada, PERSON), Window::at(at(58)), Leased::UsedUp, at(58));
        assert!(matches!(refused, Verdict::Refuse(standing) if (standing.remaining, standing.reset) == (0, 2)));
        assert_eq!(account.spend(&ada, PERSON, at(58)), Step::Known(refused));
        assert!(matches!(account.spend(&ada, PERSON, at(60)), Step::Lease(window) if window == Window::at(at(60))));
        account.leased((&ada, PERSON), Window::at(at(70)), Leased::UsedUp, at(70));
        assert!(matches!(
            account.spend(&ada, PERSON, at(71)),
            Step::Known(Verdict::Refuse(_))
        ));
        assert!(matches!(account.spend(&ada, PERSON, at(72)), Step::Lease(_)));
    }

    #[test]
    fn silence_serves_a_block_and_promises_no_more() {
        let (mut account, ada) = (Account::default(), subject("ada"));
        let served = account.unanswered((&ada, PERSON), Window::at(at(0)), at(0));
        assert!(matches!(served, Verdict::Serve(standing) if standing.remaining == 19));
        for _ in 0..19 {
            assert!(matches!(
                account.spend(&ada, PERSON, at(1)),
                Step::Known(Verdict::Serve(_))
            ));
        }
        assert!(matches!(account.spend(&ada, PERSON, at(1)), Step::Lease(_)));
    }

    #[test]
    fn memory_is_bounded() {
        let mut account = Account::default();
        for n in 0..3 * MOST {
            let name = subject(&n.to_string());
            account.leased((&name, PERSON), Window::at(at(0)), Leased::Block { taken: 20 }, at(0));
            assert!(account.0.len() <= MOST);
        }
    }
}
