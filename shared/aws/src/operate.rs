//! What people and tools ask of a running stack; no function does.

#[cfg(feature = "operator")]
mod access;
#[cfg(feature = "operator")]
mod call;
#[cfg(feature = "operator")]
mod functions;
mod items;
mod letters;
mod shadow;
#[cfg(feature = "operator")]
mod stack;
mod tap;
#[cfg(feature = "operator")]
mod watch;

use std::collections::{BTreeMap, HashMap};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName};
use tributary_pipeline::ports::SendError;

use crate::Aws;
use crate::reaction::send_error;

#[cfg(feature = "operator")]
pub use access::{Access, is_loopback};
#[cfg(feature = "operator")]
pub use call::{CallError, Reason};
#[cfg(feature = "operator")]
pub use functions::{Feed, FunctionNow, feeds, function};
pub use items::Items;
pub use letters::{Letter, QueueNow};
pub use shadow::{create_like, is_table};
#[cfg(feature = "operator")]
pub use stack::{Resource, Stack};
pub use tap::{put_event, tap};
#[cfg(feature = "operator")]
pub use watch::{AlarmNow, alarms, oldest_ages};

/// How many messages a queue has, approximately.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// Waiting.
    pub visible: u64,
    /// Received and not yet deleted.
    pub in_flight: u64,
    /// Sent with a delay that has not passed.
    pub delayed: u64,
}

/// What a queue is asked for its depth.
const DEPTH: [QueueAttributeName; 3] = [
    QueueAttributeName::ApproximateNumberOfMessages,
    QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
    QueueAttributeName::ApproximateNumberOfMessagesDelayed,
];

impl Depth {
    fn of(attributes: &HashMap<QueueAttributeName, String>) -> Self {
        let number = |name| {
            attributes
                .get(name)
                .and_then(|text: &String| text.parse().ok())
        };
        let [visible, in_flight, delayed] = DEPTH.each_ref().map(|name| number(name).unwrap_or(0));
        Self {
            visible,
            in_flight,
            delayed,
        }
    }

    /// Whether there is nothing at all.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// A message that somebody looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peeked {
    /// The body.
    pub body: String,
    /// Its attributes, texts only.
    pub attributes: BTreeMap<String, String>,
    /// How often it was received, this time included.
    pub receives: u64,
}

/// The queues of a stack.
#[derive(Debug, Clone)]
pub struct Queues {
    client: Client,
}

impl Queues {
    /// The way to the queues.
    pub fn new(aws: &Aws) -> Self {
        Self {
            client: Client::new(&aws.config),
        }
    }

    /// How many messages a queue has.
    ///
    /// # Errors
    /// When SQS does not answer.
    pub async fn depth(&self, url: &str) -> Result<Depth, SendError> {
        let call = self.client.get_queue_attributes().queue_url(url);
        let call = call.set_attribute_names(Some(DEPTH.to_vec()));
        let answer = Box::pin(call.send()).await;
        let answer = answer.map_err(|error| send_error("GetQueueAttributes", &error))?;
        Ok(Depth::of(&answer.attributes.unwrap_or_default()))
    }

    /// Sends a message as it is, with a `kind` or without.
    ///
    /// # Errors
    /// When SQS does not take it.
    pub async fn send(&self, url: &str, kind: Option<&str>, body: &str) -> Result<(), SendError> {
        let mut call = self.client.send_message().queue_url(url).message_body(body);
        if let Some(kind) = kind {
            let value = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(kind);
            let value = value
                .build()
                .map_err(|error| SendError::Invalid(error.to_string()))?;
            call = call.message_attributes("kind", value);
        }
        Box::pin(call.send())
            .await
            .map_err(|error| send_error("SendMessage", &error))?;
        Ok(())
    }

    /// Looks at up to ten messages, which stay hidden from others for a second.
    ///
    /// # Errors
    /// When SQS does not answer.
    pub async fn peek(&self, url: &str) -> Result<Vec<Peeked>, SendError> {
        let call = self
            .client
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(10)
            .visibility_timeout(1)
            .message_attribute_names("All")
            .message_system_attribute_names(MessageSystemAttributeName::All);
        let answer = Box::pin(call.send()).await;
        let answer = answer.map_err(|error| send_error("ReceiveMessage", &error))?;
        Ok(answer
            .messages
            .unwrap_or_default()
            .into_iter()
            .map(peeked)
            .collect())
    }

    /// Starts to move everything of a dead-letter queue back to where it came from.
    ///
    /// # Errors
    /// When SQS does not start it.
    pub async fn redrive(&self, dead_letters_url: &str) -> Result<(), SendError> {
        let name = QueueAttributeName::QueueArn;
        let call = self
            .client
            .get_queue_attributes()
            .queue_url(dead_letters_url);
        let answer = Box::pin(call.attribute_names(name.clone()).send()).await;
        let answer = answer.map_err(|error| send_error("GetQueueAttributes", &error))?;
        let arn = answer
            .attributes
            .and_then(|mut attributes| attributes.remove(&name));
        let arn = arn.ok_or_else(|| SendError::Invalid("the queue has no ARN".to_owned()))?;
        let call = self.client.start_message_move_task().source_arn(arn);
        Box::pin(call.send())
            .await
            .map_err(|error| send_error("StartMessageMoveTask", &error))?;
        Ok(())
    }
}

fn peeked(message: aws_sdk_sqs::types::Message) -> Peeked {
    let receives = MessageSystemAttributeName::ApproximateReceiveCount;
    let receives = message
        .attributes
        .as_ref()
        .and_then(|all| all.get(&receives)?.parse().ok());
    let attributes = message.message_attributes.unwrap_or_default().into_iter();
    Peeked {
        body: message.body.unwrap_or_default(),
        attributes: attributes
            .filter_map(|(name, value)| Some((name, value.string_value?)))
            .collect(),
        receives: receives.unwrap_or(0),
    }
}
