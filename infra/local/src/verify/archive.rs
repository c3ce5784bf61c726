//! The archive's objects of one organisation's journal, fetched into a folder: a folder a generation, in it a file a piece.

use super::{READABLE, open, reading};
use crate::failure::OrFail;
use crate::{Failure, Result};
use domain::journal::{KeyRing, SignedHead, Verdict, Verifier};
use std::collections::BTreeMap;
use std::fs;
use std::io::BufRead;
use std::path::{Path, PathBuf};

/// The copies of one generation of a journal.
pub(super) struct Generation {
    /// What its folder is called.
    pub name: String,
    /// The heads that close its pieces.
    pub heads: Vec<SignedHead>,
    pieces: Vec<PathBuf>,
}

/// Every generation in a folder, oldest first.
pub(super) fn read(folder: &Path) -> Result<Vec<Generation>> {
    let mut generations = Vec::new();
    for path in sorted(folder)?.into_iter().filter(|path| path.is_dir()) {
        let pieces: Vec<_> = sorted(&path)?.into_iter().filter(|path| path.is_file()).collect();
        let heads = pieces.iter().map(|piece| head(piece)).collect::<Result<_>>()?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        generations.push(Generation { name, heads, pieces });
    }
    match generations.is_empty() {
        true => Err(Failure::new(
            reading(folder),
            "there is no copy of a journal in it",
            FETCH,
        )),
        false => Ok(generations),
    }
}

const FETCH: &str = "fetch it by `aws s3 sync s3://<archive bucket>/journal/<organisation> FOLDER`";

impl Generation {
    /// Checks the copies by themselves: what came of it, and each entry's hash by its place.
    pub fn check(&self, keys: Option<KeyRing>) -> Result<(Verdict, BTreeMap<u64, String>)> {
        let mut verifier = Verifier::new(keys, self.heads.clone());
        for piece in &self.pieces {
            let mut lines = open(piece)?.lines().peekable();
            while let Some(line) = lines.next() {
                // The last is the head.
                if lines.peek().is_some() {
                    verifier.line(&line.or_fail(reading(piece), READABLE)?);
                }
            }
        }
        let hashes = verifier
            .hashes()
            .map(|(place, hash)| (place, hash.to_owned()))
            .collect();
        Ok((verifier.finish(), hashes))
    }
}

fn head(piece: &Path) -> Result<SignedHead> {
    let last = open(piece)?
        .lines()
        .last()
        .transpose()
        .or_fail(reading(piece), READABLE)?;
    serde_json::from_str(&last.unwrap_or_default()).or_fail(reading(piece), FETCH)
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).or_fail(reading(folder), FETCH)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = paths
        .collect::<std::result::Result<Vec<_>, _>>()
        .or_fail(reading(folder), FETCH)?;
    paths.sort();
    Ok(paths)
}
