//! Files that tasks make for whoever asked for them to download.

use super::Task;
use crate::{OrgId, TaskId};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a link to an object is good: long enough to begin a download, too short to be worth passing on.
pub const LINK_LASTS: Duration = Duration::from_secs(20 * 60);
/// How long a file can be downloaded: the storage bucket keeps it no longer (template.yaml, rule `exports`).
const FILE_KEPT: SignedDuration = SignedDuration::from_hours(24 * 7);
/// How long the file of an organisation that is closing can be: until a month after its deletion, however late that is (template.yaml, rule
/// `closing-exports` and parameter `ClosingDays`).
const CLOSING_FILE_KEPT: SignedDuration = SignedDuration::from_hours(24 * 120);

/// A file that a task has made, as its row's result names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskFile {
    /// Its key in the storage bucket.
    pub key: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of it, in lower-case hexadecimal.
    pub sha256: String,
}

impl TaskFile {
    /// What the keys of an organisation's files begin with.
    pub fn prefix(org: OrgId) -> String {
        format!("exports/{org}/")
    }

    /// The key of the file of a task, whose name ends so, as in `ndjson.gz`.
    pub fn key_of(org: OrgId, task: TaskId, ending: &str) -> String {
        format!("{}{task}.{ending}", Self::prefix(org))
    }

    /// What the keys of the files begin with that a closing organisation leaves: its deletion spares them.
    fn closing_prefix(org: OrgId) -> String {
        format!("closing/{org}/")
    }

    /// The key of the file that a closing organisation leaves.
    pub fn closing_key_of(org: OrgId, task: TaskId, ending: &str) -> String {
        format!("{}{task}.{ending}", Self::closing_prefix(org))
    }

    /// For how long after its task's end it can be downloaded.
    pub fn kept(&self) -> SignedDuration {
        match self.key.starts_with("closing/") {
            true => CLOSING_FILE_KEPT,
            false => FILE_KEPT,
        }
    }

    /// What it is called where it is saved.
    pub fn name(&self) -> &str {
        self.key.rsplit('/').next().unwrap_or_default()
    }
}

impl Task {
    /// The file that it has made: the member `file` of its result. None of another organisation's.
    pub fn file(&self) -> Option<TaskFile> {
        let file: TaskFile = serde_json::from_value(self.result.as_ref()?.get("file")?.clone()).ok()?;
        let org = self.org?;
        let own = [TaskFile::prefix(org), TaskFile::closing_prefix(org)];
        own.iter().any(|own| file.key.starts_with(own)).then_some(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::TaskKind;
    use jiff::Timestamp;
    use serde_json::json;

    #[test]
    fn a_task_has_the_file_that_its_result_names_and_none_of_anothers() {
        let org: OrgId = "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let id: TaskId = "tsk_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let task = Task::queued(id, org, TaskKind::ExportJournal, "usr_1", Timestamp::UNIX_EPOCH);
        assert_eq!(task.file(), None);
        let file = TaskFile {
            key: TaskFile::key_of(org, id, "ndjson.gz"),
            bytes: 7,
            sha256: "ab".to_owned(),
        };
        assert_eq!(file.name(), format!("{id}.ndjson.gz"));
        let with = |org: Option<OrgId>| Task {
            org,
            result: Some(json!({ "entries": 1, "file": file })),
            ..task.clone()
        };
        assert_eq!(with(Some(org)).file(), Some(file.clone()));
        assert_eq!(with("org_01KAF2Z7M0V8Q4J3T6B9N5R1XD".parse().ok()).file(), None);
        assert_eq!(with(None).file(), None);
        let left = TaskFile {
            key: TaskFile::closing_key_of(org, id, "ndjson.gz"),
            ..file.clone()
        };
        assert!(left.kept() > file.kept());
        let task = Task {
            result: Some(json!({ "file": left })),
            ..task
        };
        assert_eq!(task.file(), Some(left));
    }
}
