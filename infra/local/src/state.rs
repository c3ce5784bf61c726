//! The state directory: what survives a stop, and which process may use it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::failure::{Failure, OrFail, Result};

const WHAT: &str = "opening the state directory";
const WRITABLE: &str = "make it writable or choose another with --state-dir";
/// How long the emulator of a cloud that was killed may take to save its state and go.
const SETTLE: Duration = Duration::from_secs(75);

/// What was deployed last, and from where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The emulator's port. Queue addresses in the deployed functions hold it, so it is kept.
    pub port: u16,
    /// Hash over template, contract and packages.
    pub fingerprint: String,
    /// When the stack last changed: an emulator that lost its state has another answer, or none.
    pub changed: String,
}

/// A state directory in use by this process.
#[derive(Debug)]
pub(crate) struct StateDir {
    root: PathBuf,
    _lock: File,
}

impl StateDir {
    /// Takes a directory into use, making it when it is missing and emptying it first when asked to.
    pub(crate) async fn open(root: &Path, reset: bool) -> Result<Self> {
        let name = || format!("{WHAT} {}", root.display());
        fs::create_dir_all(root).or_fail(name(), WRITABLE)?;
        let root = root.canonicalize().or_fail(name(), WRITABLE)?;
        let lock = File::create(root.join("lock")).or_fail(name(), WRITABLE)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let remedy = "stop that one or choose another directory with --state-dir";
                return Err(Failure::new(name(), "another local cloud is using it", remedy));
            }
            Err(TryLockError::Error(error)) => return Err(Failure::new(name(), error, WRITABLE)),
        }
        settle(&root).await?;
        if reset {
            empty(&root).or_fail(name(), WRITABLE)?;
        }
        for directory in ["emulator", "objects", "tmp"] {
            fs::create_dir_all(root.join(directory)).or_fail(name(), WRITABLE)?;
        }
        Ok(Self { root, _lock: lock })
    }

    /// A path inside the directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// What was deployed last; nothing when that cannot be read.
    pub(crate) fn record(&self) -> Record {
        let text = fs::read(self.path("deployed.json")).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Writes down what is deployed.
    pub(crate) fn set_record(&self, record: &Record) -> Result<()> {
        let text = serde_json::to_vec_pretty(record).or_fail(WHAT, WRITABLE)?;
        fs::write(self.path("deployed.json"), text).or_fail(WHAT, WRITABLE)
    }
}

/// Waits until an emulator that a killed or cancelled cloud left behind has saved its state and gone.
pub(crate) async fn settle(root: &Path) -> Result<()> {
    match tokio::time::timeout(SETTLE, lock(&root.join("emulator.lock"))).await {
        Ok(lock) => lock.map(drop),
        Err(_) => Err(Failure::new(
            WHAT,
            "an emulator is still using it",
            "end that process, or choose another directory",
        )),
    }
}

/// Takes a lock between processes, waiting for it; dropped or killed, the holder lets it go.
pub(crate) async fn lock(path: &Path) -> Result<File> {
    let what = || format!("locking {}", path.display());
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).or_fail(what(), WRITABLE)?;
    }
    let file = File::create(path).or_fail(what(), WRITABLE)?;
    let mut waited = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(Failure::new(what(), error, WRITABLE)),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
        if waited.elapsed() > Duration::from_secs(60) {
            waited = Instant::now();
            crate::progress::say(&format!(
                "Still waiting for another process to let go of {}",
                path.display()
            ));
        }
    }
}

/// Removes everything but the locks, which are held.
fn empty(root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else if !entry.file_name().to_string_lossy().ends_with("lock") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("millwright-state-{}-{name}", std::process::id()))
    }

    #[tokio::test]
    async fn a_directory_serves_one_cloud_at_a_time() {
        let path = scratch("one");
        let first = StateDir::open(&path, false).await.unwrap();
        let second = StateDir::open(&path, false).await.unwrap_err().to_string();
        assert!(second.contains("another local cloud is using it"), "{second}");
        drop(first);
        StateDir::open(&path, false).await.unwrap();
        fs::remove_dir_all(path).unwrap();
    }

    #[tokio::test]
    async fn a_record_survives_until_reset() {
        let path = scratch("reset");
        let record = Record {
            port: 4,
            fingerprint: "f".into(),
            changed: "now".into(),
        };
        StateDir::open(&path, false).await.unwrap().set_record(&record).unwrap();
        assert_eq!(StateDir::open(&path, false).await.unwrap().record(), record);
        assert_eq!(StateDir::open(&path, true).await.unwrap().record(), Record::default());
        fs::remove_dir_all(path).unwrap();
    }
}
