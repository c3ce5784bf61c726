//! `cargo run -- verify FILE`: checks an export of a journal on this machine alone. What is checked stands in `domain::journal`.

mod archive;

use crate::failure::OrFail;
use crate::{Failure, Result, say};
use domain::journal::{KeyRing, SignedHead, Verdict, Verifier};
use flate2::bufread::MultiGzDecoder;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// What to check a journal's export against.
#[derive(clap::Args)]
pub struct Export {
    /// The export: lines of JSON, or a gzip file of them
    file: std::path::PathBuf,
    /// Heads from elsewhere (GET .../journal/head, or the copies in the locked bucket), one or more JSON objects
    #[arg(long)]
    head: Option<std::path::PathBuf>,
    /// A folder with the archive's objects of the journal, as `aws s3 sync s3://<archive bucket>/journal/<organisation> FOLDER` fetches them
    #[arg(long)]
    archive: Option<std::path::PathBuf>,
    /// The keys that check the heads' signatures: the answer of GET /v1/journal-keys, or PEM
    #[arg(long)]
    public_key: Option<std::path::PathBuf>,
}

/// Checks an export, and the archive where one is named, and says what came of it, one line each; whether all is whole.
pub fn export(export: &Export) -> Result<bool> {
    let keys = export.public_key.as_deref().map(read_keys).transpose()?;
    let mut heads = export.head.as_deref().map(read_heads).transpose()?.unwrap_or_default();
    let generations = export.archive.as_deref().map(archive::read).transpose()?;
    let mut whole = true;
    let mut copied = BTreeMap::new();
    for generation in generations.into_iter().flatten() {
        let (verdict, hashes) = generation.check(keys.clone())?;
        say(&format!("the archive's {}:", generation.name));
        whole &= tell(&verdict);
        // A restored organisation's journal is another generation: an export is of the latest.
        (heads, copied) = ([heads, generation.heads].concat(), hashes);
    }
    let mut verifier = Verifier::new(keys, heads);
    for line in open(&export.file)?.lines() {
        verifier.line(&line.or_fail(reading(&export.file), READABLE)?);
    }
    verifier.compare(&copied);
    let gap = gap(&verifier, &copied);
    if export.archive.is_some() {
        say("the export:");
    }
    whole &= tell(&verifier.finish());
    if let Some(gap) = gap.filter(|_| export.archive.is_some()) {
        say(&gap);
    }
    Ok(whole)
}

/// Says what came of a check; whether what was checked is whole.
fn tell(verdict: &Verdict) -> bool {
    lines(verdict).iter().for_each(|line| say(line));
    verdict.divergences.is_empty()
}

/// Which entries of the export were not copied to the archive when it was fetched: no divergence, but nothing vouches for them there.
fn gap(verifier: &Verifier, copied: &BTreeMap<u64, String>) -> Option<String> {
    let last = copied.last_key_value().map_or(0, |(last, _)| *last);
    let beyond = verifier.hashes().filter(|(sequence, _)| *sequence > last);
    let many = beyond.count();
    (many > 0).then(|| format!("not in the archive yet: {many} entries after {last}"))
}

/// What begins a gzip member (RFC 1952 section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A file's text, whether it is compressed or not.
fn open(path: &Path) -> Result<Box<dyn BufRead>> {
    let file = File::open(path).or_fail(reading(path), READABLE)?;
    let mut file = BufReader::new(file);
    let compressed = file.fill_buf().or_fail(reading(path), READABLE)?.starts_with(&GZIP);
    Ok(match compressed {
        true => Box::new(BufReader::new(MultiGzDecoder::new(file))),
        false => Box::new(file),
    })
}

const READABLE: &str = "name a file of UTF-8 text that can be read";

fn reading(path: &Path) -> String {
    format!("reading {}", path.display())
}

fn read_keys(path: &Path) -> Result<KeyRing> {
    let text = std::fs::read_to_string(path).or_fail(reading(path), READABLE)?;
    KeyRing::parse(&text).or_fail(reading(path), "save the answer of GET /v1/journal-keys as it is")
}

fn read_heads(path: &Path) -> Result<Vec<SignedHead>> {
    let text = std::fs::read_to_string(path).or_fail(reading(path), READABLE)?;
    let heads: Vec<_> = serde_json::Deserializer::from_str(&text)
        .into_iter()
        .collect::<Result<_, _>>()
        .or_fail(
            reading(path),
            "save the answer of GET /v1/orgs/{org}/journal/head as it is",
        )?;
    match heads.is_empty() {
        true => Err(Failure::new(reading(path), "there is no head in it", READABLE)),
        false => Ok(heads),
    }
}

fn lines(verdict: &Verdict) -> Vec<String> {
    let mut lines: Vec<_> = verdict.divergences.iter().map(ToString::to_string).collect();
    lines.push(match lines.len() {
        0 => format!("whole: {} entries", verdict.entries),
        many => format!("NOT whole: {many} divergences in {} entries", verdict.entries),
    });
    lines.push(format!("signed heads vouch for {} of the entries", verdict.confirmed));
    if !verdict.signatures_checked {
        lines.push("the heads' signatures were not checked: name their keys by --public-key".to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::journal::{Entry, Event, Head, Origin};

    /// A gzip file of one member a line.
    fn members(text: &str) -> Vec<u8> {
        use std::io::Write;
        let lines = text.split_inclusive('\n');
        lines.fold(Vec::new(), |file, line| {
            let mut member = flate2::write::GzEncoder::new(file, flate2::Compression::default());
            member.write_all(line.as_bytes()).unwrap();
            member.finish().unwrap()
        })
    }

    #[test]
    fn a_file_is_checked_against_a_head_from_elsewhere() {
        let folder = std::env::temp_dir().join(format!("millwright-verify-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (mut head, mut text) = (Head::default(), String::new());
        for n in 0..3 {
            let event = Event {
                action: "device.created",
                resource: format!("dev_{n}"),
                before: None,
                after: None,
            };
            let entry = Entry::after(
                &head,
                event,
                "usr_1",
                &Origin::default(),
                "2026-01-02T03:04:05Z".parse().unwrap(),
            );
            (head, text) = (Head::from(&entry), format!("{text}{}\n", entry.line()));
        }
        let org = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let head = SignedHead::unsigned(org, head, "2026-01-02T03:04:06Z".parse().unwrap(), "key".into());
        let file = |name: &str, text: &str| {
            std::fs::write(folder.join(name), text).unwrap();
            folder.join(name)
        };
        let mut checked = Export {
            file: file("journal", &text),
            head: Some(file("head", &head.line())),
            archive: None,
            public_key: None,
        };
        assert!(export(&checked).unwrap());
        checked.file = folder.join("compressed");
        std::fs::write(&checked.file, members(&text)).unwrap();
        assert!(export(&checked).unwrap());
        checked.file = file("edited", &text.replace("dev_1", "dev_9"));
        assert!(!export(&checked).unwrap());
        checked.head = Some(file("none", ""));
        assert!(export(&checked).is_err());
        // Against an archive of two pieces, each closed by its head.
        let pieces = folder.join("archive").join("0000000001");
        std::fs::create_dir_all(&pieces).unwrap();
        let all: Vec<_> = text.lines().collect();
        let piece = |first: usize, last: usize| {
            let entry: Entry = serde_json::from_str(all[last - 1]).unwrap();
            let at = "2026-01-02T03:04:06Z".parse().unwrap();
            let head = SignedHead::unsigned(org, Head::from(&entry), at, "key".into());
            let head = head.of_part(u64::try_from(first).unwrap(), u64::try_from(last).unwrap());
            format!("{}\n{}\n", all[first - 1..last].join("\n"), head.line())
        };
        std::fs::write(pieces.join("00000000000000000001.ndjson"), piece(1, 1)).unwrap();
        std::fs::write(pieces.join("00000000000000000002.ndjson"), piece(2, 2)).unwrap();
        (checked.head, checked.archive) = (None, Some(folder.join("archive")));
        checked.file = file("journal", &text);
        assert!(export(&checked).unwrap());
        // A chain written anew from the second entry on, with a head of its own.
        let mut forged = Head::from(&serde_json::from_str::<Entry>(all[0]).unwrap());
        let mut lines = vec![all[0].to_owned()];
        for line in &all[1..] {
            let entry: Entry = serde_json::from_str(line).unwrap();
            let (sequence, previous) = (forged.sequence + 1, forged.hash.clone());
            let entry = Entry {
                actor: "usr_9".to_owned(),
                sequence,
                previous,
                ..entry
            };
            let entry = Entry {
                hash: entry.compute_hash(),
                ..entry
            };
            (forged, lines) = (Head::from(&entry), [lines, vec![entry.line()]].concat());
        }
        let head = SignedHead::unsigned(org, forged, "2026-01-02T03:04:07Z".parse().unwrap(), "key".into());
        checked.file = file("forged", &format!("{}\n{}\n", lines.join("\n"), head.line()));
        assert!(!export(&checked).unwrap());
        // An archive that lacks a piece is told of, whatever the export is like.
        checked.file = file("journal", &text);
        std::fs::remove_file(pieces.join("00000000000000000001.ndjson")).unwrap();
        assert!(!export(&checked).unwrap());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
