//! Wherever the worker stops, a repetition writes the same items, and nothing is recorded before they are there.

use crate::world::{NONE, World, delivered, sample};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Delivers a sample while AWS answers no more after so many calls, then once more while it does; how many calls the whole takes.
async fn stop_after(name: &'static str, calls: usize) -> usize {
    let made = AtomicUsize::new(0);
    let stopped =
        World::answering(move |_| (made.fetch_add(1, Ordering::Relaxed) >= calls).then(|| (500, Vec::new()))).await;
    let failed = stopped.deliver(sample(name)).await;
    let whole = World::new().await;
    assert_eq!(
        whole.deliver(delivered(sample(name), 2)).await,
        NONE,
        "{name} after {calls}"
    );
    let (before, all) = (stopped.items(), whole.items());
    assert!(
        before.iter().all(|item| all.contains(item)),
        "{name} after {calls}: other items the second time"
    );
    assert_eq!(stopped.given_up().len(), 0, "{name} after {calls}");
    // A message that is not told to come again has everything it is made of written.
    let done = failed.is_empty();
    assert!(
        !done || before == all,
        "{name} after {calls}: done, and something is missing"
    );
    if done { usize::MAX } else { calls }
}

#[tokio::test]
async fn stopping_at_every_call_is_harmless() {
    for (name, most) in [("readings", 10), ("readings_by_bucket", 8), ("reports", 24)] {
        let mut stops = 0;
        for calls in 0..=most {
            stops += usize::from(stop_after(name, calls).await != usize::MAX);
        }
        assert!(
            (3..=most).contains(&stops),
            "{name}: {stops} of {most} stops left it undone"
        );
    }
}
