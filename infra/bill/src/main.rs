//! `cargo run -p bill`: every line of the four bills. `cargo run -p bill -- table`: the README's table. `cargo run -p bill -- estimate`: what staff see beside
//! what was billed, as `functions/operations/src/costs/estimate.json` has it.

use std::path::Path;

fn main() -> anyhow::Result<()> {
    let bills = bill::bills(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")))?;
    match std::env::args().nth(1).as_deref() {
        Some("table") => print!("{}", bill::summary(&bills)),
        Some("estimate") => print!("{}", bill::estimate(&bills)),
        _ => print!("{}", bill::listed(&bills)),
    }
    Ok(())
}
