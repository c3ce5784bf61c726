//! Files that are written piece by piece, over several steps of a task, in bounded memory.
//!
//! A file is a gzip stream of many members, one a piece (RFC 1952 section 2.2), or whatever its pieces are. What fits into one part is laid down at once; more goes into a
//! multipart upload, and what a step has left over waits in an object beside the file (`<key>.rest-<bytes>`) for the next. A step that is
//! repeated from the same [`FileState`] writes the same places again. An upload that was completed, and whose end was then lost, is gone: the
//! next call says [`ServiceError::Conflict`], and the file is to be written from its beginning. What is never finished goes by the bucket's
//! lifecycle rules.

use crate::{Bucket, invalid};
use aws_errors::failed;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::ServiceError;
use domain::task::TaskFile;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::digest::common::hazmat::SerializableState;
use sha2::{Digest, Sha256};
use std::fmt::Debug;
use std::io::Write;
use std::time::{Duration, SystemTime};

/// The size of a part: S3 takes none below 5 MiB but the last (AWS "Amazon S3 multipart upload limits").
const PART: usize = 8 * 1024 * 1024;
/// Most parts of a file: 16 GiB, whose tags a task's row bears. S3 takes 10,000.
const MOST_PARTS: usize = 2_000;
/// The media type of a file of gzip members.
const GZIP: &str = "application/gzip";
/// The media type of Apache Parquet (IANA).
const PARQUET: &str = "application/vnd.apache.parquet";

/// Where the writing of a file has got to: what a task's row keeps between two steps.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FileState {
    /// The multipart upload, once there is one.
    upload: Option<String>,
    /// The tags of its parts.
    parts: Vec<String>,
    /// How long the file is so far.
    bytes: u64,
    /// The state of SHA-256 after so many bytes, in base 64; empty at the beginning.
    hash: String,
}

/// A file being written.
pub struct FileWriter<'a> {
    bucket: &'a Bucket,
    key: String,
    state: FileState,
    hash: Sha256,
    /// What is not in a part yet: less than one part but within a call.
    buffer: Vec<u8>,
}

impl Bucket {
    /// Goes on with a file where an earlier step left off, or begins it.
    pub async fn write_file(&self, key: String, state: FileState) -> Result<FileWriter<'_>, ServiceError> {
        let uploaded = u64::try_from(state.parts.len() * PART).unwrap_or(u64::MAX);
        let buffer = match state.bytes.saturating_sub(uploaded) {
            0 => Vec::new(),
            _ => self
                .get(&rest(&key, state.bytes))
                .await?
                .ok_or(ServiceError::Conflict)?,
        };
        Ok(FileWriter {
            hash: thawed(&state.hash)?,
            bucket: self,
            key,
            state,
            buffer,
        })
    }

    /// A link by which anybody may download a file for so long from `now` on, without further credentials. No call is made.
    pub async fn link(&self, key: &str, now: Timestamp, lasts: Duration) -> Result<String, ServiceError> {
        let config = PresigningConfig::builder()
            .start_time(SystemTime::from(now))
            .expires_in(lasts);
        let name = key.rsplit('/').next().unwrap_or_default();
        let call = self.client.get_object().bucket(&self.name).key(key);
        let call = call.response_content_disposition(format!("attachment; filename=\"{name}\""));
        let request = call.presigned(config.build().map_err(invalid)?);
        Ok(request.await.map_err(failed)?.uri().to_owned())
    }
}

impl FileWriter<'_> {
    /// Adds a piece as a gzip member of its own: the larger, the better it is compressed.
    pub async fn append(&mut self, piece: &[u8]) -> Result<(), ServiceError> {
        let mut member = GzEncoder::new(Vec::new(), Compression::default());
        member.write_all(piece).map_err(invalid)?;
        self.append_as_is(&member.finish().map_err(invalid)?).await
    }

    /// How long the file is so far.
    pub fn bytes(&self) -> u64 {
        self.state.bytes
    }

    /// Adds bytes as they are.
    pub async fn append_as_is(&mut self, bytes: &[u8]) -> Result<(), ServiceError> {
        self.buffer.extend_from_slice(bytes);
        self.hash.update(bytes);
        self.state.bytes += u64::try_from(bytes.len()).unwrap_or_default();
        while self.buffer.len() >= PART {
            let left = self.buffer.split_off(PART);
            let part = std::mem::replace(&mut self.buffer, left);
            self.upload_part(part).await?;
        }
        Ok(())
    }

    /// Leaves off: what the next step goes on from.
    pub async fn pause(mut self) -> Result<FileState, ServiceError> {
        if !self.buffer.is_empty() {
            let rest = rest(&self.key, self.state.bytes);
            self.bucket.put(&rest, self.buffer, media_type(&self.key)).await?;
        }
        self.state.hash = STANDARD.encode(self.hash.serialize());
        Ok(self.state)
    }

    /// Lays the file down. What steps have left beside it stays, for a repetition of the last of them.
    pub async fn finish(mut self) -> Result<TaskFile, ServiceError> {
        let bytes = self.state.bytes;
        let last = std::mem::take(&mut self.buffer);
        match self.state.upload.clone() {
            None => self.bucket.put(&self.key, last, media_type(&self.key)).await?,
            Some(upload) => {
                if !last.is_empty() {
                    self.upload_part(last).await?;
                }
                self.complete(&upload).await?;
            }
        }
        let sha256 = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let key = self.key;
        Ok(TaskFile { key, bytes, sha256 })
    }

    async fn upload_part(&mut self, bytes: Vec<u8>) -> Result<(), ServiceError> {
        if self.state.parts.len() >= MOST_PARTS {
            return Err(ServiceError::Failed(format!("{} is too large", self.key)));
        }
        let upload = self.upload().await?;
        let call = self.bucket.client.upload_part().bucket(&self.bucket.name);
        let call = call.key(&self.key).upload_id(upload);
        let call = call.part_number(number(self.state.parts.len()));
        let answer = call.body(ByteStream::from(bytes)).send().await.map_err(lost)?;
        self.state.parts.push(answer.e_tag.unwrap_or_default());
        Ok(())
    }

    /// The multipart upload, begun where there is none.
    async fn upload(&mut self) -> Result<String, ServiceError> {
        if let Some(upload) = &self.state.upload {
            return Ok(upload.clone());
        }
        let call = self.bucket.client.create_multipart_upload().bucket(&self.bucket.name);
        let call = call.key(&self.key).content_type(media_type(&self.key));
        let answer = call.send().await.map_err(failed)?;
        let upload = answer.upload_id.unwrap_or_default();
        self.state.upload = Some(upload.clone());
        Ok(upload)
    }

    async fn complete(&self, upload: &str) -> Result<(), ServiceError> {
        let parts = self.state.parts.iter().enumerate();
        let parts = parts.map(|(n, tag)| CompletedPart::builder().part_number(number(n)).e_tag(tag).build());
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts.collect()));
        let call = self.bucket.client.complete_multipart_upload().bucket(&self.bucket.name);
        let call = call.key(&self.key).upload_id(upload).multipart_upload(parts.build());
        call.send().await.map(drop).map_err(lost)
    }
}

/// The media type that a key's ending tells.
fn media_type(key: &str) -> &'static str {
    if key.ends_with(".parquet") { PARQUET } else { GZIP }
}

/// Where a step lays what is left over of a file that is so long.
fn rest(key: &str, bytes: u64) -> String {
    format!("{key}.rest-{bytes}")
}

/// The number of the n-th part: S3 counts from 1.
fn number(n: usize) -> i32 {
    i32::try_from(n + 1).unwrap_or(i32::MAX)
}

fn thawed(hash: &str) -> Result<Sha256, ServiceError> {
    if hash.is_empty() {
        return Ok(Sha256::new());
    }
    let bytes = STANDARD.decode(hash).map_err(invalid)?;
    let state = bytes.as_slice().try_into().map_err(invalid)?;
    Sha256::deserialize(state).map_err(invalid)
}

/// A failed call of a multipart upload; one that is over is a conflict.
fn lost<E: ProvideErrorMetadata + Debug>(error: SdkError<E>) -> ServiceError {
    match error.code() {
        Some("NoSuchUpload") => ServiceError::Conflict,
        _ => failed(error),
    }
}
