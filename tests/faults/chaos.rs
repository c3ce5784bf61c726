//! Chaos: a thousand tasks, their messages sent twice or thrice, in any order or not at all, some of them poison, on workers that are killed
//! while they work. In the end every task is done, and done once.
//!
//! On a cloud of its own, whose workers nobody else waits for. Leases run out by themselves, in 90 s; only the sweeper's clock is ahead, so
//! that it need not be waited for as well.

mod plant;
mod workers;

use crate::crash::state::check_journal;
use local::{Cloud, CloudOptions};
use plant::{Plant, UNREADABLE};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tests::state_dir;

/// How many tasks.
const TASKS: usize = 1_000;
/// One task in so many is poison: of a kind that no worker knows.
const POISON: usize = 20;
/// How many workers are killed at least.
const KILLS: usize = 12;
/// A worker lives about so long.
const LIFE: Duration = Duration::from_millis(1_500);
/// How long the whole may take: a lease or two, and the work on a machine that is slow and busy.
const PATIENCE: Duration = Duration::from_secs(420);

#[cfg_attr(not(target_os = "linux"), ignore = "finds the workers' processes in /proc")]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_and_nothing_is_done_twice() {
    // Built once, by the shared cloud, before another one starts.
    tests::base_url();
    let options = CloudOptions {
        reset: true,
        ..CloudOptions::new(state_dir("chaos"))
    };
    let cloud = Cloud::start(options).await.unwrap();
    let plant = Plant::new(&cloud).await;
    let begun = Instant::now();
    let (good, poison) = plant.lay_out(TASKS, POISON).await;
    println!("{:?} to lay out {TASKS} tasks", begun.elapsed());

    let killer = tokio::spawn(kill(plant.clone()));
    plant.send_in_any_order(&good, &poison).await;
    println!("{} workers were killed at work", killer.await.unwrap());
    plant.until_all_have_ended(begun + PATIENCE).await;
    println!("{:?} until all had ended", begun.elapsed());

    assert_eq!(plant.statuses(&good).await, [("succeeded".to_owned(), good.len())]);
    assert_eq!(plant.statuses(&poison).await, [("failed".to_owned(), poison.len())]);
    assert_eq!(purged(&plant).await, good.len());
    plant.until_the_unreadable_are_dead_letters(begun + PATIENCE).await;
    every_poison_is_a_dead_letter(&plant, &poison).await;

    plant.mend(&poison).await;
    plant.redrive().await;
    plant.until_all_have_ended(begun + PATIENCE).await;
    assert_eq!(plant.statuses(&poison).await, [("succeeded".to_owned(), poison.len())]);
    assert_eq!(purged(&plant).await, TASKS);
    println!("{:?} in all", begun.elapsed());
    cloud.stop().await.unwrap();
}

/// Kills workers at random moments, as long as there is work; how many.
async fn kill(plant: Plant) -> usize {
    let mut killed = 0;
    while killed < KILLS {
        tokio::time::sleep(plant.some(LIFE)).await;
        killed += usize::from(workers::kill_one(plant.emulator.endpoint(), plant.dice()));
    }
    killed
}

/// How many devices are purged: each has one entry in its organisation's journal, whose chain is whole, and has left nothing behind.
async fn purged(plant: &Plant) -> usize {
    let mut purged = 0;
    for table in plant.tables() {
        let rows = plant.emulator.rows(&table).await;
        let entries = check_journal(&rows);
        let devices = entries.iter().filter(|entry| entry.action == "device.purged");
        let devices: Vec<_> = devices.map(|entry| entry.resource.as_str()).collect();
        let once: BTreeSet<_> = devices.iter().copied().collect();
        assert_eq!(once.len(), devices.len(), "some were purged twice");
        for row in rows.iter().filter_map(|row| row["pk"].as_str()) {
            let device = row.split('#').nth(1).unwrap_or_default();
            assert!(!once.contains(device), "{row} is still there");
        }
        purged += devices.len();
    }
    purged
}

/// Poison is given up with the reason, perhaps by two deliveries at once; so is what cannot be read.
async fn every_poison_is_a_dead_letter(plant: &Plant, poison: &[domain::task::Task]) {
    let letters = plant.dead_letters().await;
    let reason = |letter: &Value| letter["MessageAttributes"]["reason"]["StringValue"].to_string();
    for task in poison {
        let is_of = |letter: &&Value| {
            letter["Body"]
                .as_str()
                .is_some_and(|body| body.contains(&task.id.to_string()))
        };
        let letter = letters.iter().find(is_of);
        let letter = letter.unwrap_or_else(|| panic!("{} is in no letter", task.id));
        assert!(reason(letter).contains("no worker knows the kind"), "{letter}");
    }
    let unreadable = letters.iter().filter(|letter| letter["Body"] == UNREADABLE);
    let unreadable: Vec<_> = unreadable.map(reason).collect();
    assert_eq!(unreadable.len(), plant::UNREADABLE_ONES);
    assert!(
        unreadable.iter().all(|why| why.contains("not a message of this queue")),
        "{unreadable:?}"
    );
}
