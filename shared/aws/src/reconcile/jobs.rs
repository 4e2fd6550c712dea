//! The queue of jobs.

use aws_sdk_sqs::Client;
use tributary_pipeline::ports::SendError;
use tributary_pipeline::reconcile::{Job, Jobs};

use crate::Aws;
use crate::reaction::send_error;

/// Longest that SQS delays a message, seconds.
const DELAY_S_MAX: u16 = 900;

/// The queue of jobs.
#[derive(Debug, Clone)]
pub struct SqsJobs {
    client: Client,
    url: String,
}

impl SqsJobs {
    /// A queue by URL.
    pub fn new(aws: &Aws, url: String) -> Self {
        let client = Client::new(&aws.config);
        Self { client, url }
    }
}

impl Jobs for SqsJobs {
    async fn send(&self, job: &Job, delay_s: u16) -> Result<(), SendError> {
        let body =
            serde_json::to_string(job).map_err(|error| SendError::Invalid(error.to_string()))?;
        let call = self
            .client
            .send_message()
            .queue_url(&self.url)
            .message_body(body)
            .delay_seconds(i32::from(delay_s.min(DELAY_S_MAX)));
        Box::pin(call.send())
            .await
            .map_err(|error| send_error("SendMessage", &error))?;
        Ok(())
    }
}
