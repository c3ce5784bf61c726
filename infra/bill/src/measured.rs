//! What a piece of work takes (`measured.yaml`), and how much of it there is (`scenarios.yaml`).

use anyhow::Result;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What was measured.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// The command that measured it.
    pub command: String,
    /// A report of a device, from the request to what is stored.
    pub upload: Work,
    /// The same where so many come that they are worked ten at a time.
    pub upload_in_tens: Work,
    /// A request that reads.
    pub view: Work,
    /// A request that changes something.
    pub change: Work,
    /// A sign-in by password.
    pub sign_in: Work,
    /// An hour in which nobody calls.
    pub idle_hour: Work,
    /// Bytes that a report of ten readings leaves in its organisation's table, and in the archive.
    pub stored: Stored,
    /// What AWS documents, or is known to do, and nobody can measure here.
    pub known: Known,
}

/// What one piece of work takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Work {
    /// Bytes that are answered.
    #[serde(default)]
    pub answer_bytes: f64,
    /// The functions that run.
    pub runs: BTreeMap<String, Run>,
    /// Units that are read of DynamoDB.
    pub reads: f64,
    /// Units that are written.
    pub writes: f64,
    /// What else is called, by its action.
    pub calls: BTreeMap<String, f64>,
}

/// What a function's runs take.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// How many there are.
    pub times: f64,
    /// How long each takes.
    pub ms: f64,
    /// How much each logs.
    pub log_bytes: f64,
}

/// What a report leaves.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stored {
    /// In the table.
    pub table_bytes: f64,
    /// In the bucket.
    pub bucket_bytes: f64,
}

/// What is known of AWS.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// How often an hour Lambda asks an empty queue.
    pub polls_an_hour: Fact,
    /// How often an hour at most DynamoDB asks KMS for a table's key in the name of one caller.
    pub keys_an_hour: Fact,
    /// Traces that X-Ray records each second of what begins with a function or the API.
    pub traces_a_second: Fact,
    /// Which part it records of the rest.
    pub traces_of_the_rest: Fact,
    /// Bytes of a line of the API's access log.
    pub access_log_bytes: Fact,
    /// What of a log's bytes is stored.
    pub log_compression: Fact,
}

/// A figure and where it is from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// The figure.
    pub value: f64,
    /// Where it is from.
    pub source: String,
}

/// How much there is of each piece of work in a month.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scenario {
    /// What it is called.
    pub title: String,
    /// What it stands for.
    pub says: String,
    /// People who sign in.
    pub users: f64,
    /// Organisations, a table each.
    pub organizations: f64,
    /// Sign-ins.
    pub sign_ins: f64,
    /// Requests that read.
    pub views: f64,
    /// Requests that change something.
    pub changes: f64,
    /// Mails.
    pub mails: f64,
    /// Reports that are worked one at a time.
    pub uploads: f64,
    /// Reports that are worked ten at a time.
    pub uploads_in_tens: f64,
}

impl Measured {
    /// Reads the file's text.
    ///
    /// # Errors
    /// When something is missing or unknown.
    pub fn read(text: &str) -> Result<Self> {
        Ok(yaml_serde::from_str(text)?)
    }

    /// The pieces of work with how many there are of each, and what they are called.
    pub fn work<'m>(&'m self, scenario: &Scenario) -> [(&'static str, &'m Work, f64); 5] {
        [
            ("upload", &self.upload, scenario.uploads),
            ("upload_in_tens", &self.upload_in_tens, scenario.uploads_in_tens),
            ("view", &self.view, scenario.views),
            ("change", &self.change, scenario.changes),
            ("sign_in", &self.sign_in, scenario.sign_ins),
        ]
    }
}
