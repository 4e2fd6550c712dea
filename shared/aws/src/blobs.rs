//! The bucket.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use tributary_pipeline::ports::{Blobs, SendError};

use crate::Aws;
use crate::reaction::send_error;

/// Bodies in S3.
#[derive(Debug, Clone)]
pub struct S3Blobs {
    client: Client,
    bucket: String,
}

impl S3Blobs {
    /// A bucket by name.
    pub fn new(aws: &Aws, bucket: String) -> Self {
        // Path style is what the local stack understands; on AWS it works for
        // every bucket whose name has no dot, and the template names ours.
        let local = aws.config.endpoint_url().is_some();
        let config = aws_sdk_s3::config::Builder::from(&aws.config)
            .force_path_style(local)
            .build();
        Self {
            client: Client::from_conf(config),
            bucket,
        }
    }
}

impl Blobs for S3Blobs {
    async fn put(&self, key: &str, body: &[u8]) -> Result<(), SendError> {
        let put = self.client.put_object().bucket(&self.bucket).key(key);
        Box::pin(put.body(ByteStream::from(body.to_vec())).send())
            .await
            .map_err(|error| send_error("PutObject", &error))?;
        Ok(())
    }

    async fn get(&self, key: &str) -> Result<Vec<u8>, SendError> {
        let get = self.client.get_object().bucket(&self.bucket).key(key);
        let object = Box::pin(get.send()).await;
        let object = object.map_err(|error| send_error("GetObject", &error))?;
        let body = object.body.collect().await;
        let body = body.map_err(|_| SendError::Transient("GetObject: cut short".to_owned()))?;
        Ok(body.to_vec())
    }
}
