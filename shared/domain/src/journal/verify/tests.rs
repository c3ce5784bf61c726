//! Whatever is done to an export is found and named.

mod sample;

use super::{Divergence, Entry, SignedHead};
use sample::{Dice, ENTRIES, Journal};

/// How often it is tampered with, in as many threads as hardly wait for each other.
const TAMPERINGS: u64 = 10_000;
const THREADS: u64 = 4;

/// Whether a divergence names an entry, by its number or its line.
fn names(divergence: &Divergence, entry: u64) -> bool {
    match divergence {
        Divergence::Missing { first, last } => (*first..=*last).contains(&entry),
        Divergence::Misplaced { sequence, line } | Divergence::Edited { sequence, line } => {
            *sequence == entry || *line as u64 == entry
        }
        other => other.place() == entry,
    }
}

/// One byte less, more or other, at a place of the text that leaves it UTF-8.
fn scratch(text: &str, dice: &mut Dice) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let place = dice.below(characters.len());
    let other = char::from(b' ' + u8::try_from(dice.below(95)).unwrap());
    match dice.below(3) {
        0 => drop(characters.remove(place)),
        1 => characters.insert(place, other),
        _ => characters[place] = other,
    }
    characters.into_iter().collect()
}

/// An entry with other content and the hash that it calls for.
fn forged(line: &str, dice: &mut Dice) -> String {
    let mut entry: Entry = serde_json::from_str(line).unwrap();
    match dice.below(4) {
        0 => entry.actor = "usr_2".into(),
        1 => entry.at += jiff::SignedDuration::from_secs(1),
        2 => entry.after = None,
        _ => entry.previous = "0".repeat(64),
    }
    entry.hash = entry.compute_hash();
    entry.line()
}

#[test]
fn a_journal_that_nobody_touched_is_whole() {
    let journal = Journal::new();
    let verdict = journal.check(&journal.export(), vec![journal.head(3, 0)]);
    assert_eq!(verdict.divergences, []);
    assert_eq!((verdict.entries, verdict.confirmed), (16, 16));
    assert!(verdict.signatures_checked);
}

#[test]
fn ten_thousand_tamperings_are_found_and_named() {
    std::thread::scope(|scope| {
        for seed in 1..=THREADS {
            scope.spawn(move || tamperings_are_found_and_named(seed, TAMPERINGS / THREADS));
        }
    });
}

fn tamperings_are_found_and_named(seed: u64, tamperings: u64) {
    let (journal, mut dice) = (Journal::new(), Dice(seed));
    let original = journal.export();
    for round in 0..tamperings {
        let mut lines = original.clone();
        let k = dice.below(journal.entries.len());
        let (mut named, mut how) = (vec![k], "scratched");
        match dice.below(6) {
            0 => lines[k] = scratch(&lines[k], &mut dice),
            1 => (lines[k], how) = (forged(&lines[k], &mut dice), "forged"),
            2 => {
                how = "removed";
                lines.remove(k);
            }
            3 => {
                let other = dice.below(journal.entries.len());
                lines.swap(k, other);
                (named, how) = (vec![k.min(other), k.max(other)], "swapped");
            }
            4 => {
                how = "truncated";
                named = (k..journal.entries.len()).collect();
                lines.drain(k..journal.entries.len());
            }
            _ => {
                how = "copied";
                let to = dice.below(journal.entries.len() + 1);
                lines.insert(to, lines[k].clone());
            }
        }
        let verdict = journal.check(&lines, vec![]);
        if lines == original {
            assert_eq!(verdict.divergences, [], "round {round}");
            continue;
        }
        let told = |entry: &usize| verdict.divergences.iter().any(|it| names(it, *entry as u64 + 1));
        let found = match how {
            // Of two neighbours that changed places, it takes one to tell.
            "swapped" => named.iter().any(told),
            // A copy is named by its number.
            "copied" => verdict
                .divergences
                .iter()
                .any(|it| matches!(it, Divergence::Repeated { sequence, .. } if *sequence == k as u64 + 1)),
            _ => named.iter().all(told),
        };
        assert!(found, "round {round}: entry {} {how}: {:?}", k + 1, verdict.divergences);
    }
}

#[test]
fn each_tampering_is_told_in_a_clear_line() {
    let (journal, dice) = (Journal::new(), &mut Dice(1));
    let with = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = journal.export();
        change(&mut lines);
        journal.told(&lines)
    };
    let edited = with(&|lines| lines[6] = lines[6].replace("usr_1", "usr_2"));
    assert_eq!(
        edited,
        ["entry 7 (line 7) was edited: its content does not have its hash"]
    );
    let new = forged(&journal.lines()[6], dice);
    assert_eq!(
        with(&|lines| lines[6].clone_from(&new))[0],
        "entry 7 was written anew: its hash is not the one that what follows it names"
    );
    assert_eq!(with(&|lines| drop(lines.drain(3..5))), ["entries 4 to 5 are missing"]);
    assert_eq!(with(&|lines| drop(lines.remove(15))), ["entry 16 is missing"]);
    assert_eq!(
        with(&|lines| lines.swap(1, 4)),
        [
            "entry 2 stands out of order, on line 5",
            "entry 5 stands out of order, on line 2"
        ]
    );
    assert_eq!(
        with(&|lines| lines[2].push(' ')),
        ["line 3 is not written in the canonical form"]
    );
    assert_eq!(
        with(&|lines| lines[2] = "{".into()),
        ["line 3 cannot be read as an entry", "entry 3 is missing"]
    );
    assert_eq!(
        with(&|lines| drop(lines.pop())),
        ["no signed head: where the journal ends cannot be told"]
    );
}

#[test]
fn a_chain_that_was_written_anew_contradicts_the_head_from_before() {
    let honest = Journal::new();
    let mut forger = Journal::with(honest.key.clone());
    // Whoever holds the database and may have heads signed writes everything from entry 5 on anew.
    forger.entries.truncate(4);
    (100..100 + ENTRIES - 4).for_each(|n| forger.write(n));
    assert_eq!(forger.check(&forger.export(), vec![]).divergences, []);
    let verdict = forger.check(&forger.export(), vec![honest.head(4, 1), honest.head(9, 2)]);
    assert_eq!(verdict.divergences, [Divergence::Rewritten { sequence: 9 }]);

    // Or cuts the end off.
    forger.entries = honest.entries[..9].to_vec();
    let verdict = forger.check(&forger.export(), vec![honest.head(12, 3)]);
    assert_eq!(verdict.divergences, [Divergence::Missing { first: 10, last: 12 }]);
    // While a head from after the export says nothing about what came since.
    let verdict = forger.check(&forger.export(), vec![honest.head(12, 1_900_000_000)]);
    assert_eq!(verdict.divergences, []);
}

#[test]
fn heads_count_when_they_are_signed_by_a_known_key_and_of_one_organization() {
    let (journal, stranger) = (Journal::new(), Journal::new());
    let foreign = [journal.lines(), vec![stranger.sign(journal.head(16, 0)).line()]].concat();
    let verdict = journal.check(&foreign, vec![]);
    assert_eq!(
        verdict.divergences,
        [Divergence::Unsigned { sequence: 16 }, Divergence::NoHead]
    );
    assert_eq!(verdict.confirmed, 0);
    let other = SignedHead {
        org: "org_01KAF2Z7M0V8Q4J3T6B9N5R1XD".parse().unwrap(),
        ..journal.head(16, 0)
    };
    let verdict = journal.check(&journal.export(), vec![journal.sign(other)]);
    assert_eq!(verdict.divergences, [Divergence::Foreign { sequence: 16 }]);
}

#[test]
fn a_part_of_a_journal_is_whole_in_itself() {
    let journal = Journal::new();
    let close = |first, last: usize| journal.sign(journal.head(last, 9).of_part(first, ENTRIES)).line();
    let part = [journal.lines()[4..9].to_vec(), vec![close(5, 9)]].concat();
    let verdict = journal.check(&part, vec![journal.head(16, 3)]);
    assert_eq!(verdict.divergences, []);
    assert_eq!(verdict.confirmed, 5);
    let shorter = [journal.lines()[5..9].to_vec(), vec![close(5, 9)]].concat();
    assert_eq!(journal.told(&shorter), ["entry 5 is missing"]);
    let longer = [journal.lines()[3..9].to_vec(), vec![close(5, 9)]].concat();
    assert_eq!(
        journal.told(&longer),
        ["entry 4 was added: the closing head does not cover it"]
    );
}
