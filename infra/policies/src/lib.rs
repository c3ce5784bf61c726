//! The decision table, made from the Cedar policies in `shared/domain/policies`: `shared/domain/src/access/decisions.rs`, which is compiled into
//! the functions, and the table of permissions in `ARCHITECTURE.md`.
//!
//! Cedar is asked about every combination that a decision can follow from ([`Cedar`]). What it answers must fit the form of a line a permission
//! ([`Line`]); policies that do not fit are an error here, not a wrong decision there. Where a permission is taken away from `permissions!`, its
//! line in `decisions.rs` is to be deleted by hand before this compiles again.

mod cedar;
mod line;
mod text;

pub use cedar::Cedar;
pub use line::{ActLine, Line};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::io::Error;
use std::path::{Path, PathBuf};

const BEGIN: &str = "<!-- permissions:begin -->\n";
const END: &str = "<!-- permissions:end -->";

/// The files that are made from the policies, and what must be in them.
pub fn files() -> Result<[(PathBuf, String); 2]> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let policies = root.join("shared/domain/policies");
    let cedar = Cedar::read(&policies)?;
    let (lines, acts) = (line::lines(&cedar)?, line::acts(&cedar)?);
    let table = text::table(&lines, &acts);
    let architecture = root.join("ARCHITECTURE.md");
    let old = std::fs::read_to_string(&architecture)?;
    let new = between_marks(&old, &text::markdown(&lines)).context("ARCHITECTURE.md has no place for the table")?;
    Ok([
        (
            root.join("shared/domain/src/access/decisions.rs"),
            text::rust(&digest(&policies, &table)?, &table),
        ),
        (architecture, new),
    ])
}

/// By which the library's own test, which has no Cedar, tells that the policies have changed, or the table without them.
fn digest(folder: &Path, table: &str) -> Result<String> {
    let files: Result<BTreeSet<PathBuf>, _> = folder.read_dir()?.map(|file| Ok::<_, Error>(file?.path())).collect();
    let mut hash = Sha256::new();
    for file in files? {
        hash.update(std::fs::read(file)?);
    }
    hash.update(table);
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn between_marks(old: &str, table: &str) -> Option<String> {
    let (before, rest) = old.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{table}{END}{after}"))
}

#[cfg(test)]
mod tests;
