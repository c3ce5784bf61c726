//! `cargo run -p bill`: every line of the four bills. `cargo run -p bill -- table`: the README's table.

use std::path::Path;

fn main() -> anyhow::Result<()> {
    let bills = bill::bills(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")))?;
    match std::env::args().nth(1).as_deref() {
        Some("table") => print!("{}", bill::summary(&bills)),
        _ => print!("{}", bill::listed(&bills)),
    }
    Ok(())
}
