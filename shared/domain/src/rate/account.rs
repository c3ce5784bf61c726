//! What one execution environment remembers of the blocks that it has leased.

use super::{Block, Class, Leased, Policy, Subject, Window};
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
    /// What was leased.
    block: Block,
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
    /// Lease this block first.
    Lease(Block),
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
            Some(held) if held.left > 0 && held.block.window.serves(window) => {
                held.left -= 1;
                Step::Known(Verdict::Serve(held.standing(policy, now)))
            }
            Some(held) if held.block.window == window && held.refused_until.is_some_and(|until| now < until) => {
                Step::Known(Verdict::Refuse(held.standing(policy, now)))
            }
            held => Step::Lease(Block {
                window,
                requests: held.map_or(1, |held| held.next(policy, window)),
            }),
        }
    }

    /// Takes into account what came of the lease that [`Step::Lease`] asked for; the request that asked is the block's first.
    pub fn leased(
        &mut self,
        (subject, policy): (&Subject, Policy),
        block: Block,
        leased: Leased,
        now: Timestamp,
    ) -> Verdict {
        let held = match leased {
            Leased::Granted { requests, taken } => Held::granted(Block { requests, ..block }, taken),
            Leased::UsedUp => Held {
                block,
                taken: policy.quota,
                left: 0,
                refused_until: Some(now + REFUSED_FOR),
            },
        };
        let standing = held.standing(policy, now);
        self.remember(subject, held);
        match leased {
            Leased::Granted { .. } => Verdict::Serve(standing),
            Leased::UsedUp => Verdict::Refuse(standing),
        }
    }

    /// Nobody could say whether there is a block left: the request is served, and so are as many as the largest block has.
    pub fn unanswered(&mut self, (subject, policy): (&Subject, Policy), window: Window, now: Timestamp) -> Verdict {
        let block = Block {
            window,
            requests: policy.block(),
        };
        // As if it had been the last one: nobody is promised more than what is sure.
        let held = Held::granted(block, policy.quota);
        let standing = held.standing(policy, now);
        self.remember(subject, held);
        Verdict::Serve(standing)
    }

    fn remember(&mut self, subject: &Subject, held: Held) {
        if self.0.len() >= MOST && !self.0.contains_key(subject) {
            self.0.retain(|_, other| other.block.window == held.block.window);
            if self.0.len() >= MOST {
                self.0.clear();
            }
        }
        self.0.insert(subject.clone(), held);
    }
}

impl Held {
    /// A block whose first request is being served.
    fn granted(block: Block, taken: u32) -> Self {
        Self {
            block,
            taken,
            left: block.requests - 1,
            refused_until: None,
        }
    }

    /// How many requests to lease next: more for whoever used up what there was while it was good.
    fn next(&self, policy: Policy, window: Window) -> u32 {
        let used_up = self.left == 0 && self.refused_until.is_none() && self.block.window.serves(window);
        match used_up {
            true => self.block.requests.saturating_mul(2).min(policy.block()),
            false => 1,
        }
    }

    fn standing(&self, policy: Policy, now: Timestamp) -> Standing {
        let window = Window::at(now);
        // Of another minute's leases nothing is known yet.
        let taken = if self.block.window == window { self.taken } else { 0 };
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

    const ANYBODY: Standing = Standing {
        class: Class::Person,
        quota: 1200,
        remaining: 0,
        reset: 55,
    };

    fn block(second: i64, requests: u32) -> Block {
        Block {
            window: Window::at(at(second)),
            requests,
        }
    }

    /// What is asked for at that second, which is not known.
    fn asked(account: &mut Account, second: i64) -> Block {
        match account.spend(&subject("ada"), PERSON, at(second)) {
            Step::Lease(block) => block,
            known => panic!("{known:?}"),
        }
    }

    /// Leases that block at that second.
    fn grant(account: &mut Account, block: Block, taken: u32, second: i64) -> Verdict {
        let requests = block.requests;
        account.leased(
            (&subject("ada"), PERSON),
            block,
            Leased::Granted { requests, taken },
            at(second),
        )
    }

    #[test]
    fn a_block_serves_its_worth_without_another_look() {
        let mut account = Account::default();
        let step = grant(&mut account, block(5, 20), 40, 5);
        let standing = |remaining, reset| Standing {
            remaining,
            reset,
            ..ANYBODY
        };
        assert_eq!(step, Verdict::Serve(standing(1179, 55)));
        for left in (0..19).rev() {
            let served = Step::Known(Verdict::Serve(standing(1160 + left, 1)));
            assert_eq!(account.spend(&subject("ada"), PERSON, at(59)), served);
        }
        assert_eq!(asked(&mut account, 59), block(5, 20));
    }

    #[test]
    fn blocks_grow_with_what_was_used_and_begin_anew_with_what_was_not() {
        let mut account = Account::default();
        let mut sizes = Vec::new();
        for _ in 0..7 {
            let block = asked(&mut account, 30);
            sizes.push(block.requests);
            grant(&mut account, block, 0, 30);
            for _ in 1..block.requests {
                account.spend(&subject("ada"), PERSON, at(30));
            }
        }
        assert_eq!(sizes, [1, 2, 4, 8, 16, 20, 20]);
        // Used up in the minute after: as good as in its own. Two minutes later it is long ago.
        assert_eq!(asked(&mut account, 119), block(60, 20));
        assert_eq!(asked(&mut account, 120), block(120, 1));
        grant(&mut account, block(120, 16), 0, 120);
        assert_eq!(asked(&mut account, 240), block(240, 1), "15 were never used");
        account.leased((&subject("ada"), PERSON), block(240, 16), Leased::UsedUp, at(240));
        assert_eq!(asked(&mut account, 242), block(240, 1), "who was refused begins anew");
    }

    #[test]
    fn a_block_is_good_for_the_next_minute_and_no_longer() {
        let (mut account, ada) = (Account::default(), subject("ada"));
        grant(&mut account, block(0, 20), 20, 0);
        let late = account.spend(&ada, PERSON, at(119));
        assert!(matches!(late, Step::Known(Verdict::Serve(standing)) if standing.remaining == 1200));
        assert_eq!(asked(&mut account, 120), block(120, 1));
        // A clock that was set back is another minute, too.
        assert_eq!(asked(&mut account, -1), block(-1, 1));
    }

    #[test]
    fn who_is_refused_is_looked_at_again_in_a_moment_and_in_the_next_minute() {
        let (mut account, ada) = (Account::default(), subject("ada"));
        let refused = account.leased((&ada, PERSON), block(58, 1), Leased::UsedUp, at(58));
        assert!(matches!(refused, Verdict::Refuse(standing) if (standing.remaining, standing.reset) == (0, 2)));
        assert_eq!(account.spend(&ada, PERSON, at(58)), Step::Known(refused));
        assert_eq!(asked(&mut account, 60), block(60, 1));
        account.leased((&ada, PERSON), block(70, 1), Leased::UsedUp, at(70));
        assert!(matches!(
            account.spend(&ada, PERSON, at(71)),
            Step::Known(Verdict::Refuse(_))
        ));
        assert_eq!(asked(&mut account, 72), block(60, 1));
    }

    #[test]
    fn silence_serves_a_whole_block_and_promises_no_more() {
        let (mut account, ada) = (Account::default(), subject("ada"));
        let served = account.unanswered((&ada, PERSON), Window::at(at(0)), at(0));
        assert!(matches!(served, Verdict::Serve(standing) if standing.remaining == 19));
        for _ in 0..19 {
            assert!(matches!(
                account.spend(&ada, PERSON, at(1)),
                Step::Known(Verdict::Serve(_))
            ));
        }
        asked(&mut account, 1);
    }

    #[test]
    fn memory_is_bounded() {
        let mut account = Account::default();
        for n in 0..3 * MOST {
            let name = subject(&n.to_string());
            let granted = Leased::Granted { requests: 1, taken: 1 };
            account.leased((&name, PERSON), block(0, 1), granted, at(0));
            assert!(account.0.len() <= MOST);
        }
    }
}
