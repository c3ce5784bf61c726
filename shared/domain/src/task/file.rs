//! Files that tasks make for whoever asked for them to download.

use super::Task;
use crate::{OrgId, TaskId};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// How long a file can be downloaded: the storage bucket keeps it no longer (template.yaml, rule `exports`).
pub const FILE_KEPT: SignedDuration = SignedDuration::from_hours(24 * 7);

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

    /// What it is called where it is saved.
    pub fn name(&self) -> &str {
        self.key.rsplit('/').next().unwrap_or_default()
    }
}

impl Task {
    /// The file that it has made: the member `file` of its result. None of another organisation's.
    pub fn file(&self) -> Option<TaskFile> {
        let file: TaskFile = serde_json::from_value(self.result.as_ref()?.get("file")?.clone()).ok()?;
        let own = TaskFile::prefix(self.org?);
        file.key.starts_with(&own).then_some(file)
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
    }
}
