//! The bucket in which files are dropped.

use aws_sdk_s3::primitives::ByteStream;
use tributary_pipeline::own_book::{Dropped, Files, Pieces};
use tributary_pipeline::ports::SendError;

use crate::Aws;
use crate::reaction::send_error;

/// The bucket.
#[derive(Debug, Clone)]
pub struct S3Files {
    client: aws_sdk_s3::Client,
    bucket: String,
}

impl S3Files {
    /// A bucket by name.
    pub fn new(aws: &Aws, bucket: String) -> Self {
        // As for the archive: path style is what the local stack understands.
        let local = aws.config.endpoint_url().is_some();
        let config = aws_sdk_s3::config::Builder::from(&aws.config).force_path_style(local);
        Self {
            client: aws_sdk_s3::Client::from_conf(config.build()),
            bucket,
        }
    }
}

/// A file that is being read.
#[derive(Debug)]
pub struct S3Pieces(ByteStream);

impl Pieces for S3Pieces {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, SendError> {
        let piece = self.0.try_next().await;
        let piece = piece.map_err(|_| SendError::Transient("GetObject: cut short".to_owned()))?;
        Ok(piece.map(|bytes| bytes.to_vec()))
    }
}

impl Files for S3Files {
    type Pieces = S3Pieces;

    async fn open(&self, file: &Dropped) -> Result<Option<S3Pieces>, SendError> {
        let get = self.client.get_object().bucket(&self.bucket).key(&file.key);
        match Box::pin(get.if_match(format!("\"{}\"", file.etag)).send()).await {
            Ok(object) => Ok(Some(S3Pieces(object.body))),
            Err(error) => {
                let status = error
                    .raw_response()
                    .map(|response| response.status().as_u16());
                // Not there any more, or another version is.
                if matches!(status, Some(404 | 412)) {
                    return Ok(None);
                }
                Err(send_error("GetObject", &error))
            }
        }
    }

    async fn put(&self, key: &str, text: String) -> Result<(), SendError> {
        let put = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type("text/csv");
        let answer = Box::pin(put.body(ByteStream::from(text.into_bytes())).send()).await;
        answer.map_err(|error| send_error("PutObject", &error))?;
        Ok(())
    }
}
