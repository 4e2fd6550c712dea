//! The queues.

use std::collections::HashMap;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{MessageAttributeValue, QueueAttributeName};
use tributary_domain::FetchRequest;
use tributary_pipeline::carriage::{Carried, carry};
use tributary_pipeline::ledger::{FactQueue, Missed, PullQueue, PullRequest};
use tributary_pipeline::message::{Message, Quarantined, group};
use tributary_pipeline::ports::{Blobs, EventQueue, FetchQueue, Quarantine, SendError};

use crate::Aws;
use crate::reaction::send_error;

/// Where bodies wait that the quarantine queue cannot carry.
const QUARANTINE: &str = "quarantine";
/// Longest that an attribute's text may become.
const ATTRIBUTE_CHARS_MAX: usize = 256;

/// Message attributes of those values that there are.
fn attributes<'a>(
    values: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
) -> Option<HashMap<String, MessageAttributeValue>> {
    let one = |(name, value): (&str, Option<&str>)| {
        let value: String = value?.chars().take(ATTRIBUTE_CHARS_MAX).collect();
        let value = MessageAttributeValue::builder()
            .data_type("String")
            .string_value(value);
        Some((name.to_owned(), value.build().ok()?))
    };
    Some(values.into_iter().filter_map(one).collect())
}

/// The events queue: a standard queue with fair queuing by account.
#[derive(Debug, Clone)]
pub struct SqsEvents {
    client: Client,
    url: String,
}

impl SqsEvents {
    /// A queue by URL.
    pub fn new(aws: &Aws, url: String) -> Self {
        Self {
            client: Client::new(&aws.config),
            url,
        }
    }

    /// One cheap call, so that the connection and the credentials are there
    /// before the first event. Made during INIT, where the CPU is not throttled.
    pub async fn warm(&self) {
        let call = self.client.get_queue_attributes().queue_url(&self.url);
        let answer = call
            .attribute_names(QueueAttributeName::QueueArn)
            .send()
            .await;
        if let Err(error) = answer {
            let error = send_error("GetQueueAttributes", &error);
            tributary_telemetry::warn!("not warmed", error = error);
        }
    }
}

impl EventQueue for SqsEvents {
    async fn send(&self, message: &Message) -> Result<(), SendError> {
        let call = self
            .client
            .send_message()
            .queue_url(&self.url)
            .message_body(&message.body)
            .message_group_id(&message.group)
            .set_message_attributes(attributes([
                ("kind", Some(message.kind.as_str())),
                ("traceparent", Some(message.trace.as_str())),
                ("endpoint", message.endpoint.as_deref()),
            ]));
        Box::pin(call.send())
            .await
            .map_err(|error| send_error("SendMessage", &error))?;
        Ok(())
    }
}

/// The queue of objects to fetch.
#[derive(Debug, Clone)]
pub struct SqsFetches {
    client: Client,
    url: String,
}

impl SqsFetches {
    /// A queue by URL.
    pub fn new(aws: &Aws, url: String) -> Self {
        Self {
            client: Client::new(&aws.config),
            url,
        }
    }
}

impl FetchQueue for SqsFetches {
    async fn request(&self, request: &FetchRequest, delay_s: u16) -> Result<(), SendError> {
        let body = serde_json::to_string(request);
        let body = body.map_err(|error| SendError::Invalid(error.to_string()))?;
        let call = self
            .client
            .send_message()
            .queue_url(&self.url)
            .message_body(body)
            .message_group_id(group(request.object.mode, &request.object.owner))
            .delay_seconds(i32::from(delay_s.min(900)));
        Box::pin(call.send())
            .await
            .map_err(|error| send_error("SendMessage", &error))?;
        Ok(())
    }
}

/// The queue of books to pull, where events of the bus come too.
#[derive(Debug, Clone)]
pub struct SqsPulls {
    client: Client,
    url: String,
}

impl SqsPulls {
    /// A queue by URL.
    pub fn new(aws: &Aws, url: String) -> Self {
        Self {
            client: Client::new(&aws.config),
            url,
        }
    }
}

impl SqsPulls {
    async fn send(&self, body: String, delay_s: u16) -> Result<(), SendError> {
        let call = self
            .client
            .send_message()
            .queue_url(&self.url)
            .message_body(body)
            .delay_seconds(i32::from(delay_s.min(900)));
        Box::pin(call.send())
            .await
            .map_err(|error| send_error("SendMessage", &error))?;
        Ok(())
    }
}

impl PullQueue for SqsPulls {
    async fn request(&self, request: &PullRequest, delay_s: u16) -> Result<(), SendError> {
        self.send(request.to_body(), delay_s).await
    }
}

impl FactQueue for SqsPulls {
    async fn tell(&self, missed: &Missed) -> Result<(), SendError> {
        self.send(missed.to_body(), 0).await
    }
}

/// The quarantine: a queue that nobody empties but a person.
#[derive(Debug, Clone)]
pub struct SqsQuarantine<B> {
    client: Client,
    url: String,
    blobs: B,
}

impl<B: Blobs> SqsQuarantine<B> {
    /// A queue by URL, and the bucket for what does not fit.
    pub fn new(aws: &Aws, url: String, blobs: B) -> Self {
        Self {
            client: Client::new(&aws.config),
            url,
            blobs,
        }
    }
}

impl<B: Blobs> Quarantine for SqsQuarantine<B> {
    async fn hold(&self, held: &Quarantined) -> Result<(), SendError> {
        let (kind, body) = match carry(&self.blobs, QUARANTINE, &held.body).await? {
            // SQS takes no empty body, and there is nothing to lose.
            Carried::Inline(body) if body.is_empty() => ("event", "(empty)".to_owned()),
            Carried::Inline(body) => ("event", body),
            Carried::Claim(pointer) => ("claim", pointer),
        };
        let call = self
            .client
            .send_message()
            .queue_url(&self.url)
            .message_body(body)
            .set_message_attributes(attributes([
                ("kind", Some(kind)),
                ("code", Some(held.code)),
                ("detail", Some(held.detail.as_str())),
                ("stage", Some(held.stage)),
                ("event", held.event.as_deref()),
                ("endpoint", held.endpoint.as_deref()),
            ]));
        Box::pin(call.send())
            .await
            .map_err(|error| send_error("SendMessage", &error))?;
        Ok(())
    }
}
