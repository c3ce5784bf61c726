//! A model check: random schedules of deliveries, duplicates, losses, crashes between any two lines, retries and cancellations, against a
//! store that compares revisions and a queue that promises nothing. `MILLWRIGHT_MODEL_RUNS` sets how many schedules are walked.

use super::tests::{at, task};
use super::*;

/// Schedules walked when the environment does not say.
const RUNS: u64 = 100_000;
/// Things that happen in a schedule before the world calms down.
const STEPS: u32 = 60;

/// A small generator (SplitMix64): a schedule follows from its number alone.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}

/// The row, its effect, the outbox's note, messages on their way, and workers that hold an attempt in memory.
struct World {
    row: Task,
    effects: u32,
    runs: u32,
    noted: bool,
    messages: u32,
    workers: Vec<Task>,
    now: i64,
    dice: Dice,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let kinds = [
            TaskKind::PurgeDevice,
            TaskKind::CreateOrganization,
            TaskKind::TellFailure,
        ];
        let kind = kinds[usize::try_from(dice.roll(3)).unwrap()];
        // The asker may crash between commit and queue.
        let messages = u32::try_from(dice.roll(3)).unwrap();
        Self {
            row: task(kind),
            effects: 0,
            runs: 1,
            noted: true,
            messages,
            workers: Vec::new(),
            now: 0,
            dice,
        }
    }

    /// Writes a revision, if it was made from the one that is there; the answer may be lost.
    fn save(&mut self, next: Task) -> bool {
        let first = next.revision == self.row.revision + 1;
        if first {
            self.check(&next);
            self.row = next;
        }
        first && self.dice.roll(10) > 0
    }

    /// What must hold from one revision to the next.
    fn check(&self, next: &Task) {
        let (old, policy) = (&self.row, next.known_kind().unwrap().policy());
        assert!(next.attempts <= policy.attempts, "{next:?}");
        assert_eq!(next.finished_at.is_some(), next.expires_at.is_some());
        assert!(next.finished_at.is_none() || next.lease.is_none());
        assert!(
            old.finished_at.is_none() || next.status == TaskStatus::Queued,
            "{old:?} {next:?}"
        );
        assert!(
            next.log.iter().rev().skip(1).all(|attempt| attempt.ended_at.is_some()),
            "{next:?}"
        );
    }

    /// A worker takes a message. It may die at any line.
    fn deliver(&mut self) {
        let duplicated = self.dice.roll(4) == 0;
        self.messages -= u32::from(!duplicated && self.messages > 0);
        match self.row.begin(at(self.now)) {
            Begin::Run(next) => {
                let worker = (*next).clone();
                if self.save(*next) {
                    self.workers.push(worker);
                }
            }
            Begin::CallOff => drop(self.save(self.row.cancelled(at(self.now)))),
            Begin::GiveUp(reason) => drop(self.save(self.row.fail(&reason, at(self.now)))),
            Begin::Early(_) => self.messages += 1,
            Begin::Leased => {}
            Begin::Ended => self.noted = false,
        }
    }

    /// One of the workers, perhaps one whose lease ran out long ago, comes to the end of a piece of work, or dies.
    fn finish(&mut self) {
        let n = self.dice.roll(self.workers.len() as u64);
        let held = self.workers.swap_remove(usize::try_from(n).unwrap());
        let now = at(self.now);
        match self.dice.roll(6) {
            0 => {} // It died.
            1 => {
                let delay = SignedDuration::from_secs(self.dice.roll(2_000).cast_signed());
                if self.save(held.wait(delay, None, None, now)) {
                    self.messages += 1;
                }
            }
            2 if held.exhausted() => drop(self.save(held.fail("busy", now))),
            2 => {
                if self.save(held.try_again("busy", SignedDuration::from_secs(5), now)) {
                    self.messages += 1;
                }
            }
            _ => self.succeed(&held),
        }
    }

    /// Effect and end are one transaction.
    fn succeed(&mut self, held: &Task) {
        let ended = held.succeed(None, at(self.now));
        let stands = ended.revision == self.row.revision + 1;
        self.save(ended);
        if stands {
            self.effects += 1;
            self.noted &= self.dice.roll(2) == 0;
        }
    }

    fn ask(&mut self) {
        let asked = match self.dice.roll(2) {
            0 => self.row.call_off(at(self.now)),
            _ => self.row.run_again(at(self.now)),
        };
        let Ok(asked) = asked else { return };
        if asked.status == TaskStatus::Queued && asked.attempts == 0 && !asked.cancel_requested {
            self.runs += 1;
            self.noted = true;
        }
        self.save(asked);
        // Whoever asked may crash before the message is sent.
        self.messages += u32::try_from(self.dice.roll(2)).unwrap();
    }

    fn sweep(&mut self) {
        if !self.noted {
            return;
        }
        if self.row.overdue(at(self.now)) {
            self.messages += 1;
        } else if self.row.finished_at.is_some() {
            self.noted = false;
        }
    }

    fn step(&mut self) {
        self.now += self.dice.roll(60).cast_signed();
        match self.dice.roll(12) {
            0 => self.messages = self.messages.saturating_sub(1), // Lost.
            1 => self.sweep(),
            2 => self.ask(),
            3..=6 if !self.workers.is_empty() => self.finish(),
            _ if self.messages > 0 => self.deliver(),
            _ => {}
        }
        assert!(
            self.row.finished_at.is_some() || self.noted,
            "an open task is always noted"
        );
        assert!(
            self.effects <= self.runs,
            "an effect happened twice in one run: {:?}",
            self.row
        );
    }

    /// From here on nothing is lost and nobody dies: the task must end, by the sweep alone if need be.
    fn settle(&mut self) {
        self.workers.clear();
        for _ in 0..2_000 {
            if self.row.finished_at.is_some() {
                return;
            }
            self.now += 60;
            self.sweep();
            while self.messages > 0 {
                self.messages -= 1;
                if let Begin::Run(next) = self.row.begin(at(self.now)) {
                    self.row = next.succeed(None, at(self.now));
                    self.effects += 1;
                } else if let Begin::GiveUp(reason) = self.row.begin(at(self.now)) {
                    self.row = self.row.fail(&reason, at(self.now));
                } else if self.row.begin(at(self.now)) == Begin::CallOff {
                    self.row = self.row.cancelled(at(self.now));
                }
            }
        }
        panic!("the task never ended: {:?}", self.row);
    }
}

#[test]
fn no_schedule_loses_a_task_or_does_it_twice() {
    let runs = std::env::var("MILLWRIGHT_MODEL_RUNS")
        .ok()
        .and_then(|text| text.parse().ok());
    for seed in 0..runs.unwrap_or(RUNS) {
        let mut world = World::new(seed);
        for _ in 0..STEPS {
            world.step();
        }
        world.settle();
        let succeeded = world.row.status == TaskStatus::Succeeded;
        assert!(!succeeded || world.effects > 0, "seed {seed}: done, and without effect");
        assert!(
            world.effects <= world.runs,
            "seed {seed}: {} effects of {} runs",
            world.effects,
            world.runs
        );
    }
}
