//! What is laid down about the streams of a batch.
//!
//! Most streams have no settings, and most settings seldom change: a batch reads one row of each of its organisations, the stamp that every
//! change of settings renews (one read unit an organisation and batch; strongly consistent). Where there is none, nothing is laid down.
//! Where it is the one that this environment knows, it knows what the streams have; else it reads the settings of each upload's streams
//! (a read unit each) and keeps them. What was laid down before a batch began is heeded by it; what is laid down meanwhile, by the next.

use crate::Job;
use crate::failure::Failure;
use crate::known::StreamKey;
use aws_dynamodb::{SettingsStamp, StreamBlocks};
use domain::reading::VariableName;
use domain::stream::StreamSettings;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Most streams remembered, some MB; a full memory begins anew.
const MOST: usize = 10_000;

/// The settings of some streams that are not stored as they come.
pub type Laid = HashMap<VariableName, Arc<StreamSettings>>;

/// The stamp after which a stream was asked for, and its settings; none where it is stored as it comes.
type Found = (SettingsStamp, Option<Arc<StreamSettings>>);

/// What is known of streams.
#[derive(Default)]
pub struct Remembered(Mutex<HashMap<StreamKey, Found>>);

/// What is laid down about an upload's streams, of those that are not stored as they come.
pub async fn of(known: &Remembered, job: &Job<'_>, streams: &[StreamBlocks]) -> Result<Laid, Failure> {
    let Some(stamp) = &job.rules()?.stamp else {
        return Ok(Laid::new());
    };
    let (mut laid, mut unknown) = (Laid::new(), Vec::new());
    for StreamBlocks { variable, .. } in streams {
        match known.get(&(job.device(), variable.clone()), stamp) {
            Some(Some(settings)) => drop(laid.insert(variable.clone(), settings)),
            Some(None) => {}
            None => unknown.push(variable.clone()),
        }
    }
    let found = match unknown.as_slice() {
        [] => Vec::new(),
        unknown => job.table.settings_of(job.message.device, unknown).await?,
    };
    let found = found.into_iter().filter(|settings| !settings.takes_all());
    let found: Laid = found
        .map(|settings| (settings.variable.clone(), Arc::new(settings)))
        .collect();
    for variable in unknown {
        let settings = found.get(&variable).cloned();
        known.keep((job.device(), variable), (stamp.clone(), settings));
    }
    laid.extend(found);
    Ok(laid)
}

impl Remembered {
    fn get(&self, key: &StreamKey, stamp: &SettingsStamp) -> Option<Option<Arc<StreamSettings>>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_after, settings) = known.get(key)?;
        (read_after == stamp).then(|| settings.clone())
    }

    fn keep(&self, key: StreamKey, found: Found) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST && !known.contains_key(&key) {
            known.clear();
        }
        known.insert(key, found);
    }
}
