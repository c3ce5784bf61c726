//! Writes what the policies were made into: `cargo run -p policies`.

fn main() -> anyhow::Result<()> {
    for (path, text) in policies::files()? {
        std::fs::write(&path, text)?;
        println!("wrote {}", path.display());
    }
    Ok(())
}
