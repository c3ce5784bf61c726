//! Zips function binaries as Lambda wants them: one file called `bootstrap`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::failure::{Failure, OrFail, Result};
use crate::progress::Progress;
use crate::{cargo, paths, state, template};

const WHAT: &str = "packaging the functions";

/// A function ready to upload.
#[derive(Clone, Debug)]
pub struct Package {
    /// Name of the function's binary, which is also its crate's.
    pub function: String,
    /// The binary that was zipped.
    pub binary: PathBuf,
    /// The zip file.
    pub zip: PathBuf,
    /// SHA-256 of the zip file, in hexadecimal.
    pub sha256: String,
    /// Size of the zip file in bytes.
    pub size: u64,
}

/// What a zip was made of, to tell whether it must be made again.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Source {
    binary: PathBuf,
    modified_ns: u128,
    size: u64,
}

#[derive(Serialize, Deserialize)]
struct Stamp {
    source: Source,
    sha256: String,
}

/// Builds and packages every function the template names.
///
/// # Errors
/// When the build fails, or a function of the template has no binary.
pub async fn all(release: bool, progress: Progress) -> Result<Vec<Package>> {
    let functions = template::read()?.functions()?;
    let directory = paths::target().join("lambda");
    // Test processes start together: one at a time replaces binaries and zips.
    let _lock = state::lock(&directory.join("lock")).await?;
    let mut binaries = cargo::build(release, progress).await?;
    let step = progress.step("Packaging the functions");
    let mut packing = JoinSet::new();
    for function in functions.into_values() {
        let Some(binary) = binaries.remove(&function) else {
            let why = format!("template.yaml names {function}, which no crate builds");
            return Err(Failure::new(WHAT, why, "add the crate or correct its BuildProperties"));
        };
        let directory = directory.join(&function);
        packing
            .spawn_blocking(move || pack(function, &binary, &directory, release).or_fail(WHAT, "free some disk space"));
    }
    let mut packages = packing.join_all().await.into_iter().collect::<Result<Vec<_>>>()?;
    packages.sort_by(|a, b| a.function.cmp(&b.function));
    step.done(&format!("{} of them", packages.len()));
    Ok(packages)
}

fn pack(function: String, binary: &Path, directory: &Path, release: bool) -> io::Result<Package> {
    let (zip, stamp) = (directory.join("bootstrap.zip"), directory.join("stamp.json"));
    let source = source(binary)?;
    let known = fs::read(&stamp)
        .ok()
        .and_then(|text| serde_json::from_slice::<Stamp>(&text).ok());
    let sha256 = match known {
        Some(known) if known.source == source && zip.exists() => known.sha256,
        _ => {
            fs::create_dir_all(directory)?;
            write_zip(binary, &zip, release)?;
            let sha256 = hash(&fs::read(&zip)?);
            fs::write(
                &stamp,
                serde_json::to_vec(&Stamp {
                    source,
                    sha256: sha256.clone(),
                })?,
            )?;
            sha256
        }
    };
    let size = fs::metadata(&zip)?.len();
    Ok(Package {
        function,
        binary: binary.to_path_buf(),
        zip,
        sha256,
        size,
    })
}

fn source(binary: &Path) -> io::Result<Source> {
    let metadata = fs::metadata(binary)?;
    let modified_ns = metadata
        .modified()?
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos();
    Ok(Source {
        binary: binary.to_path_buf(),
        modified_ns,
        size: metadata.len(),
    })
}

/// Same bytes from the same binary: no time of day, a fixed mode.
fn write_zip(binary: &Path, zip: &Path, release: bool) -> io::Result<()> {
    // What is deployed to Lambda is worth the minute; a laptop is not.
    let level = if release { 9 } else { 1 };
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let options = options.compression_level(Some(level)).unix_permissions(0o755);
    let mut writer = ZipWriter::new(io::Cursor::new(Vec::new()));
    writer.start_file("bootstrap", options.last_modified_time(zip::DateTime::default()))?;
    io::copy(&mut File::open(binary)?, &mut writer)?;
    fs::write(zip, writer.finish()?.into_inner())
}

/// SHA-256 in hexadecimal.
pub(crate) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_once_for_one_binary() {
        let directory = std::env::temp_dir().join(format!("millwright-pack-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let binary = directory.join("binary");
        fs::write(&binary, b"#!/bin/sh\n").unwrap();
        let first = pack("f".into(), &binary, &directory, false).unwrap();
        let made = fs::metadata(&first.zip).unwrap().modified().unwrap();
        let second = pack("f".into(), &binary, &directory, false).unwrap();
        assert_eq!(
            (&first.sha256, made),
            (&second.sha256, fs::metadata(&second.zip).unwrap().modified().unwrap())
        );
        fs::write(&binary, b"#!/bin/sh\nexit 1\n").unwrap();
        assert_ne!(
            pack("f".into(), &binary, &directory, false).unwrap().sha256,
            first.sha256
        );
        fs::remove_dir_all(directory).unwrap();
    }
}
