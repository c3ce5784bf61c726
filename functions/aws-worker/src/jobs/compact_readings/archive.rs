//! Older blocks move to files: when, and how nobody notices and a crash does no harm.
//!
//! A page of a stream's blocks is laid down as one file, named for its bytes and the task; then, with the file in the task's row, the blocks' rows
//! shrink to what is needed unopened, each by itself: until then a reader finds the bytes in the row, from then on in the file. A step that is
//! repeated writes the same file again, or shrinks what is left. A file that no row came to name is deleted in the end (`look.rs`).
//!
//! What its stream keeps for less than 60 days more stays in the table, as does what would be less than 4 KB of a file: moving it is not repaid (the figures
//! are in ARCHITECTURE.md, Keys).

use super::{Place, Round};
use aws_dynamodb::{FiledBlock, KeptBlock};
use domain::block_files::{BlockFile, FileName};
use domain::reading::VariableName;
use domain::{DeviceId, ProjectId, ServiceError};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Blocks that one file holds at most: some MB, and their places fit into the task's row.
const PAGE: usize = 64;
/// Fewer bytes than so many do not pay a file.
const LEAST: usize = 4 * 1024;
/// What is kept for less than so long does not pay the way.
const STAYS: SignedDuration = SignedDuration::from_hours(24 * 60);
/// The media type of a file of blocks.
const MEDIA_TYPE: &str = "application/octet-stream";

/// A file that is written, with the rows whose blocks it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sending {
    /// The file.
    #[serde(flatten)]
    pub file: BlockFile,
    blocks: Vec<FiledBlock>,
    /// From which time on the stream's next blocks are.
    pub next: i64,
}

/// What came of a page.
pub(super) enum Page {
    /// A file, whose blocks are now to be sent there.
    Written(Sending),
    /// Nothing to move; the next begins there.
    Passed(i64),
    /// There are no more.
    Over,
}

impl Page {
    /// Where the walk goes on.
    pub(super) fn place(self, project: ProjectId, (device, variable): (DeviceId, VariableName)) -> Place {
        match self {
            Self::Written(sending) => Place::Send(project, sending),
            Self::Passed(next) => Place::Archive(project, device, variable, next),
            Self::Over => Place::Streams(project, device, Some(variable)),
        }
    }
}

impl Round<'_> {
    /// Lays a page of a stream's older blocks down in a file.
    pub(super) async fn archive(
        &self,
        (device, variable): (DeviceId, &VariableName),
        from: i64,
    ) -> Result<Page, ServiceError> {
        let Some((from, before)) = self.older((device, variable), from).await? else {
            return Ok(Page::Over);
        };
        let range = (from, before.saturating_sub(1));
        let (kept, more) = self.table.kept_blocks(device, variable, range, PAGE).await?;
        let last = kept.last().map(|kept| kept.block.summary.last.time).filter(|_| more);
        // Where a page ends among blocks of one last time, it is gone on with those; a page of them alone is done with.
        let next = last.map_or(before, |last| if last > from { last } else { last.saturating_add(1) });
        let here: Vec<_> = kept.iter().filter(|kept| kept.block.away.is_none()).collect();
        if here.iter().map(|kept| kept.block.size()).sum::<usize>() < LEAST {
            self.table.note_archived(device, variable, next).await?;
            return Ok(Page::Passed(next));
        }
        let (bytes, blocks) = file_of(&here);
        let file = BlockFile {
            device,
            variable: variable.clone(),
            name: FileName::new(ends(&here), self.task.id, &Sha256::digest(&bytes)),
        };
        let key = file.key(self.table.org());
        self.app.storage.put(&key, bytes, MEDIA_TYPE).await?;
        Ok(Page::Written(Sending { file, blocks, next }))
    }

    /// Between which times blocks end that are to move, the second not included; none where there are none.
    async fn older(
        &self,
        (device, variable): (DeviceId, &VariableName),
        from: i64,
    ) -> Result<Option<(i64, i64)>, ServiceError> {
        let Some(age) = self.age else { return Ok(None) };
        let Some(stream) = self.table.stream(device, variable).await? else {
            return Ok(None);
        };
        let before = age.before(self.now()).min(stream.compacted.unwrap_or(i64::MIN));
        let from = from.max(stream.archived.unwrap_or(i64::MIN));
        if from >= before {
            return Ok(None);
        }
        let settings = self.table.stream_settings(device, variable).await?;
        let floor = settings.and_then(|settings| settings.floor(self.now() + STAYS));
        let from = floor.map_or(from, |floor| from.max(floor));
        Ok((from < before).then_some((from, before)))
    }

    /// Has the blocks of a file that is written lie there alone; how many.
    pub(super) async fn send(&self, sending: &Sending) -> Result<u64, ServiceError> {
        let Sending { file, blocks, next } = sending;
        self.table.send_blocks(file, blocks.clone()).await?;
        self.table.note_archived(file.device, &file.variable, *next).await?;
        Ok(blocks.len() as u64)
    }
}

/// The bytes of a file of these blocks, each with its label, and where in it they are.
fn file_of(blocks: &[&KeptBlock]) -> (Vec<u8>, Vec<FiledBlock>) {
    let mut bytes = Vec::new();
    let filed = blocks.iter().map(|kept| {
        kept.block.seal(&mut bytes);
        let begins = bytes.len().saturating_sub(kept.block.size());
        kept.filed(begins as u64)
    });
    let filed = filed.collect();
    (bytes, filed)
}

/// When the block that ends first does, and the one that ends last.
fn ends(blocks: &[&KeptBlock]) -> (i64, i64) {
    let ends = blocks.iter().map(|kept| kept.block.summary.last.time);
    (ends.clone().min().unwrap_or_default(), ends.max().unwrap_or_default())
}
