//! The table that is printed.
//!
//! - `poll`: from the start of the process to its first poll, in milliseconds; `alone`: the same without connecting ahead; `x hello`: `alone` by the hello's.
//! - `first`: from the start to the first answer; `of Python`: that by Python's.
//! - `p50`, `p99`: of a request later on, in milliseconds; `CPU`: its processor time; `CPU 1st`: of the start with the first request.
//! - `memory`: the most at once; `zip`: what is uploaded. Megabytes are millions of bytes.

use crate::Program;
use crate::process::Started;
use std::time::Duration;

/// Bars: what no function may exceed.
const HELLOS: f64 = 4.0;
const PYTHONS: f64 = 1.0 / 20.0;
const ZIP_MB: f64 = 4.0;
const MEMORY_MB: f64 = 30.0;

/// One program's figures.
pub struct Row {
    name: String,
    poll: f64,
    /// Without connecting ahead.
    alone: f64,
    first: f64,
    first_cpu: f64,
    p50: f64,
    p99: f64,
    cpu: f64,
    memory: f64,
    zip: Option<f64>,
    verdict: String,
}

impl Row {
    pub fn of(program: &Program, whole: &[Started], ahead: &[Started]) -> Self {
        let mut warm: Vec<_> = whole.iter().flat_map(|started| started.warm.clone()).collect();
        warm.sort();
        let poll = median(whole, |started| started.poll);
        let bytes = |bytes: u64| f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1e6;
        Self {
            name: program.name.clone(),
            poll,
            alone: if ahead.is_empty() {
                poll
            } else {
                median(ahead, |started| started.poll)
            },
            first: median(whole, |started| started.first),
            first_cpu: median(whole, |started| started.first_cpu),
            p50: quantile(&warm, 50),
            p99: quantile(&warm, 99),
            cpu: median(whole, |started| started.warm_cpu),
            memory: whole.iter().map(|started| bytes(started.memory)).fold(0.0, f64::max),
            zip: program.zip.map(bytes),
            verdict: whole.first().map(|started| started.verdict.clone()).unwrap_or_default(),
        }
    }
}

fn median(all: &[Started], of: impl Fn(&Started) -> Duration) -> f64 {
    let mut all: Vec<_> = all.iter().map(of).collect();
    all.sort();
    quantile(&all, 50)
}

/// In milliseconds, of what is sorted.
fn quantile(sorted: &[Duration], percent: usize) -> f64 {
    let at = sorted.len().saturating_sub(1) * percent / 100;
    sorted.get(at).map_or(0.0, |found| found.as_secs_f64() * 1e3)
}

/// Prints the table, the hello and Python first.
pub fn print(rows: &[Row]) {
    let [hello, python, ..] = rows else { return };
    println!(
        "{:<21}{:>8}{:>8}{:>9}{:>9}{:>11}{:>9}{:>8}{:>8}{:>8}{:>10}{:>9}  answer",
        "", "poll", "alone", "x hello", "first", "of Python", "CPU 1st", "p50", "p99", "CPU", "memory", "zip"
    );
    println!(
        "{:<21}{:>8}{:>8}{:>9}{:>9}{:>11}{:>9}{:>8}{:>8}{:>8}{:>10}{:>9}",
        "", "ms", "ms", "<= 4", "ms", "<= 1/20", "ms", "ms", "ms", "ms", "<= 30 MB", "<= 4 MB"
    );
    let mut missed = 0;
    for (n, row) in rows.iter().enumerate() {
        let mut bar = |value: f64, most: f64, text: String| {
            let over = n > 1 && value > most;
            missed += usize::from(over);
            if over { format!("!{text}") } else { text }
        };
        let hellos = row.alone / hello.alone;
        let hellos = bar(hellos, HELLOS, format!("{hellos:.2}"));
        let of_python = row.first / python.first;
        let of_python = bar(of_python, PYTHONS, format!("1/{:.1}", 1.0 / of_python));
        let memory = bar(row.memory, MEMORY_MB, format!("{:.1}", row.memory));
        let zip = row
            .zip
            .map_or_else(|| "-".to_owned(), |zip| bar(zip, ZIP_MB, format!("{zip:.2}")));
        println!(
            "{:<21}{:>8.1}{:>8.1}{hellos:>9}{:>9.1}{of_python:>11}{:>9.1}{:>8.2}{:>8.2}{:>8.2}{memory:>10}{zip:>9}  {}",
            row.name, row.poll, row.alone, row.first, row.first_cpu, row.p50, row.p99, row.cpu, row.verdict
        );
    }
    match missed {
        0 => println!("\nEvery bar is met."),
        missed => println!("\n{missed} bars are missed: marked with !"),
    }
}
