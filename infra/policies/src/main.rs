//! Writes what the policies were made into: `cargo run --manifest-path infra/policies/Cargo.toml`.

fn main() -> anyhow::Result<()> {
    for (path, text) in policies::files()? {
        std::fs::write(&path, text)?;
        println!("wrote {}", path.display());
    }
    Ok(())
}
