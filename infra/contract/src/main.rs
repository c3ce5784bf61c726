//! Writes the two files of the contract: `cargo run -p contract`. With `release VERSION`, makes the present contract the released one.

fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let files = match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => contract::files(),
        ["release", version] => contract::release(version),
        _ => anyhow::bail!("usage: cargo run -p contract [-- release VERSION]"),
    };
    for (path, text) in files {
        std::fs::write(&path, text)?;
        println!("wrote {}", path.display());
    }
    Ok(())
}
