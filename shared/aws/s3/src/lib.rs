//! S3: objects of the storage bucket, whole and bounded; files that are written step by step, and links to them.
//!
//! The only crate that names `aws-sdk-s3`. Keys are the callers': `<what>/<organisation>/...`, so that lifecycle rules and an
//! organisation's deletion can name a prefix.

mod file;

pub use file::{FileState, FileWriter};

use aws_config::SdkConfig;
use aws_errors::failed;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use domain::ServiceError;
use domain::block_files::{Files, Part};
use std::fmt::Debug;
use std::ops::Range;

/// How many pages of 1,000 objects one call of [`Bucket::delete_some`] deletes: some seconds' work.
const DELETED_PAGES: usize = 10;

/// Most objects that one call deletes (AWS "DeleteObjects").
const PAGE: usize = 1000;

/// One bucket.
#[derive(Clone)]
pub struct Bucket {
    client: Client,
    name: String,
}

impl Bucket {
    /// The bucket of that name. An endpoint of its own (a local cloud) is addressed by path, since its host has no subdomains.
    pub fn new(aws: &SdkConfig, name: String) -> Self {
        let config = Builder::from(aws)
            .force_path_style(aws.endpoint_url().is_some())
            .build();
        Self {
            client: Client::from_conf(config),
            name,
        }
    }

    /// Lays an object down, over whatever is there.
    pub async fn put(&self, key: &str, bytes: Vec<u8>, content_type: &str) -> Result<(), ServiceError> {
        self.put_with(key, bytes, content_type, &[]).await
    }

    /// Lays an object down with metadata (US-ASCII; AWS "Working with object metadata").
    pub async fn put_with(
        &self,
        key: &str,
        bytes: Vec<u8>,
        content_type: &str,
        metadata: &[(&str, &str)],
    ) -> Result<(), ServiceError> {
        let mut call = self
            .client
            .put_object()
            .bucket(&self.name)
            .key(key)
            .content_type(content_type);
        for (name, value) in metadata {
            call = call.metadata(*name, *value);
        }
        // TLS and the SDK's checksum guard the bytes; a SHA-256 of them for the signature would cost more than all else here.
        let call = call.body(ByteStream::from(bytes)).customize().disable_payload_signing();
        call.send().await.map_err(failed)?;
        Ok(())
    }

    /// Lays down an object whose bytes are compressed by gzip: clients that ask for it by HTTP undo that (RFC 9110 section 8.4).
    pub async fn put_gzip(&self, key: &str, bytes: Vec<u8>, content_type: &str) -> Result<(), ServiceError> {
        let call = self.client.put_object().bucket(&self.name).key(key);
        let call = call.content_type(content_type).content_encoding("gzip");
        call.body(ByteStream::from(bytes)).send().await.map_err(failed)?;
        Ok(())
    }

    /// Lays an object down unless there is one of that key; whether it was (AWS "How to prevent object overwrites with conditional writes").
    pub async fn put_new(&self, key: &str, bytes: Vec<u8>, content_type: &str) -> Result<bool, ServiceError> {
        let call = self.client.put_object().bucket(&self.name).key(key);
        let call = call.content_type(content_type).if_none_match("*");
        match call.body(ByteStream::from(bytes)).send().await {
            Ok(_) => Ok(true),
            Err(error) if error.code() == Some("PreconditionFailed") => Ok(false),
            // Somebody else lays one down at this moment.
            Err(error) if error.code() == Some("ConditionalRequestConflict") => Err(ServiceError::Busy(
                "another object of that key is on its way".to_owned(),
            )),
            Err(error) => Err(failed(error)),
        }
    }

    /// An object's bytes; `None` when it is not there.
    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, ServiceError> {
        let answer = match self.client.get_object().bucket(&self.name).key(key).send().await {
            Ok(answer) => answer,
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let body = answer.body.collect().await;
        body.map(|body| Some(body.to_vec()))
            .map_err(|error| ServiceError::Busy(error.to_string()))
    }

    /// The keys that begin with `prefix`, in their order, after one: at most 1,000, and the last of them where there may be more.
    pub async fn list(
        &self,
        prefix: &str,
        after: Option<String>,
    ) -> Result<(Vec<String>, Option<String>), ServiceError> {
        let call = self.client.list_objects_v2().bucket(&self.name).prefix(prefix);
        let page = call.set_start_after(after).send().await.map_err(failed)?;
        let more = page.is_truncated.unwrap_or_default();
        let keys = page.contents.unwrap_or_default().into_iter();
        let keys: Vec<_> = keys.filter_map(|object| object.key).collect();
        let next = keys.last().filter(|_| more).cloned();
        Ok((keys, next))
    }

    /// These bytes of an object; fails where it does not have them.
    async fn part(&self, key: &str, bytes: Range<u64>) -> Result<Vec<u8>, ServiceError> {
        // RFC 9110 section 14.1.2: the last byte is included.
        let range = format!("bytes={}-{}", bytes.start, bytes.end.saturating_sub(1));
        let call = self.client.get_object().bucket(&self.name).key(key).range(range);
        let answer = call.send().await.map_err(failed)?;
        let body = answer.body.collect().await;
        let body = body.map_err(|error| ServiceError::Busy(error.to_string()))?.to_vec();
        match body.len() as u64 == bytes.end - bytes.start {
            true => Ok(body),
            false => Err(ServiceError::Failed(format!("{key} has no bytes {bytes:?}"))),
        }
    }

    /// Deletes an object; one that is not there is deleted already.
    pub async fn delete(&self, key: &str) -> Result<(), ServiceError> {
        self.client
            .delete_object()
            .bucket(&self.name)
            .key(key)
            .send()
            .await
            .map_err(failed)?;
        Ok(())
    }

    /// Deletes objects whose key begins with `prefix`, at most 10,000 of them; whether none is left.
    pub async fn delete_some(&self, prefix: &str) -> Result<bool, ServiceError> {
        for _ in 0..DELETED_PAGES {
            let call = self.client.list_objects_v2().bucket(&self.name).prefix(prefix);
            let page = call.send().await.map_err(failed)?.contents.unwrap_or_default();
            let doomed: Vec<_> = page.into_iter().filter_map(|object| object.key).collect();
            if doomed.is_empty() {
                return Ok(true);
            }
            self.delete_page(doomed).await?;
        }
        Ok(false)
    }

    /// Deletes objects by their keys; those that are not there are deleted already. An error leaves some of them: call again, all of them.
    /// No key may hold what XML cannot (control characters), or S3 refuses all.
    pub async fn delete_all(&self, keys: Vec<String>) -> Result<(), ServiceError> {
        for page in keys.chunks(PAGE) {
            self.delete_page(page.to_vec()).await?;
        }
        Ok(())
    }

    async fn delete_page(&self, keys: Vec<String>) -> Result<(), ServiceError> {
        let object = |key| ObjectIdentifier::builder().key(key).build();
        let objects = keys
            .into_iter()
            .map(object)
            .collect::<Result<Vec<_>, _>>()
            .map_err(invalid)?;
        let delete = Delete::builder()
            .set_objects(Some(objects))
            .quiet(true)
            .build()
            .map_err(invalid)?;
        let call = self.client.delete_objects().bucket(&self.name).delete(delete);
        let left = call.send().await.map_err(failed)?.errors.unwrap_or_default();
        match left.first() {
            Some(error) => Err(ServiceError::of(
                error.code(),
                format!("{} objects were not deleted", left.len()),
            )),
            None => Ok(()),
        }
    }
}

impl Files for Bucket {
    fn read<'a>(&'a self, key: &'a str, bytes: Range<u64>) -> Part<'a> {
        Box::pin(self.part(key, bytes))
    }
}

fn invalid(error: impl Debug) -> ServiceError {
    ServiceError::Failed(format!("{error:?}"))
}
