//! Crash points: every story is told again for each of its calls to AWS, which is lost, or whose answer is lost, with the process that made it
//! or without. What is left behind in the end is what an undisturbed run leaves.

mod accounts;
pub mod block_files;
mod closing;
mod copies;
mod domains;
mod exports;
pub mod filters;
pub mod ground;
mod groups;
mod owners;
pub mod rounds;
pub mod scenarios;
mod stacks;
pub mod state;

use crate::line::{Call, Fault};
use crate::world::World;
use domain::task::TaskKind;
use futures::StreamExt;
use futures::stream;
use scenarios::Scenario;
use std::sync::Mutex;
use std::thread;

/// The stack that a function's only thread has on Linux.
const STACK: usize = 8 * 1024 * 1024;
/// So many stories are walked side by side, each on a thread of its own.
const WALKERS: usize = 2;
/// So many runs of a story are under way at once.
const AT_ONCE: usize = 4;
/// A story of more calls than this is told once for each of them, with the four faults by turns, unless `MILLWRIGHT_CRASH_POINTS=all`.
const LONG: usize = 12;
/// One of more than this is told for every third call, so that all four faults have their turn.
const VERY_LONG: usize = 24;

/// One telling of a story.
struct Run {
    state: String,
    calls: Vec<Call>,
    broke: bool,
}

impl Run {
    async fn of(scenario: &Scenario, fault: Option<Fault>) -> Self {
        let world = World::new(fault).await;
        (scenario.begin)(&world).await;
        world.run().await;
        Self {
            state: state::of(&world).await,
            calls: world.line.calls(),
            broke: world.line.broke(),
        }
    }
}

/// The stories to be told: all, or those of the one kind that `MILLWRIGHT_CRASH_KIND` names.
fn told() -> impl Iterator<Item = &'static Scenario> {
    let only = std::env::var("MILLWRIGHT_CRASH_KIND").ok();
    stories().filter(move |story| only.as_ref().is_none_or(|kind| kind == story.kind.as_str()))
}

fn stories() -> impl Iterator<Item = &'static Scenario> {
    groups::ALL
        .iter()
        .chain(scenarios::ALL)
        .chain(stacks::ALL)
        .chain(rounds::ALL)
        .chain(owners::ALL)
        .chain(accounts::ALL)
        .chain(closing::ALL)
        .chain(exports::ALL)
        .chain(copies::ALL)
        .chain(domains::ALL)
        .chain(filters::ALL)
        .chain(block_files::ALL)
}

#[test]
fn whatever_call_is_lost_the_end_is_the_same() {
    let stories = Mutex::new(told());
    let walked: usize = thread::scope(|scope| {
        let walkers: Vec<_> = (0..WALKERS)
            .map(|_| {
                let walk = || tokio::runtime::Runtime::new().unwrap().block_on(walk_from(&stories));
                thread::Builder::new()
                    .stack_size(STACK)
                    .spawn_scoped(scope, walk)
                    .unwrap()
            })
            .collect();
        walkers.into_iter().map(|walker| walker.join().unwrap()).sum()
    });
    println!("{walked} crash points in all");
}

/// Walks one story after the other until there is none left; how many crash points they had.
async fn walk_from(stories: &Mutex<impl Iterator<Item = &'static Scenario>>) -> usize {
    let next = || stories.lock().unwrap().next();
    let mut walked = 0;
    while let Some(scenario) = next() {
        let points = walk(scenario).await;
        println!(
            "{:32} {points:4} crash points: {}",
            scenario.kind.as_str(),
            scenario.name
        );
        assert!(points > 0, "{}", scenario.name);
        walked += points;
    }
    walked
}

/// Tells a story once for everything that can go wrong in it; how often.
async fn walk(scenario: &Scenario) -> usize {
    let calm = Run::of(scenario, None).await;
    for thing in scenario.leaves {
        assert!(
            calm.state.contains(thing),
            "{}: no {thing} in\n{}",
            scenario.name,
            calm.state
        );
    }
    let all = std::env::var("MILLWRIGHT_CRASH_POINTS").as_deref() == Ok("all");
    let each = match calm.calls.len() {
        calls if all || calls <= LONG => 4,
        _ => 1,
    };
    let stride = if all || calm.calls.len() <= VERY_LONG { 1 } else { 3 };
    let mut runs = stream::iter(
        (0..)
            .step_by(stride)
            .flat_map(|nth| Fault::all_at(nth).into_iter().take(each)),
    )
    .map(|fault| async move { (fault, Run::of(scenario, Some(fault)).await) })
    .buffered(AT_ONCE);
    let mut points = 0;
    while let Some((fault, run)) = runs.next().await {
        if !run.broke {
            break;
        }
        let call = &run.calls[fault.nth].name;
        assert!(
            run.state == calm.state,
            "{}: {fault:?} at {call}\n{}",
            scenario.name,
            difference(&calm, &run)
        );
        points += 1;
    }
    points
}

/// The lines that only one of the two has, or has more often.
fn difference(calm: &Run, run: &Run) -> String {
    let count = |state: &str, line: &str| state.lines().filter(|other| *other == line).count();
    let lines = calm.state.lines().chain(run.state.lines());
    let lines = lines.map(|line| (count(&calm.state, line), count(&run.state, line), line));
    let lines = lines.filter(|(calm, run, _)| calm != run);
    let lines = lines.map(|(calm, run, line)| format!("{calm} times undisturbed, {run} times disturbed: {line}"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_kind_has_its_stories() {
    for kind in TaskKind::ALL {
        let told = stories().any(|scenario| scenario.kind == *kind);
        assert!(told, "{}: write its scenario", kind.as_str());
    }
}
