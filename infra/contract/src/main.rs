//! Writes the two files of the contract: `cargo run -p contract`.

fn main() -> anyhow::Result<()> {
    for (path, text) in contract::files() {
        std::fs::write(&path, text)?;
        println!("wrote {}", path.display());
    }
    Ok(())
}
