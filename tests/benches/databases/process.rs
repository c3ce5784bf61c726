//! What Linux tells of a process.

use std::fs;
use std::time::Duration;

/// Linux counts in hundredths of a second for whoever reads `/proc` (sysconf(_SC_CLK_TCK), proc(5)).
const TICK: Duration = Duration::from_millis(10);

/// How long all threads of a process have been on the processors, ended ones included.
pub fn on_processor(process: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    // The name, in parentheses, may hold anything; after it comes the third field. The 14th and 15th are the user's and the system's time.
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks = |field: usize| fields.split_whitespace().nth(field - 3).unwrap().parse::<u32>();
    TICK * (ticks(14).unwrap() + ticks(15).unwrap())
}
