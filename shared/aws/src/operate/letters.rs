//! Messages that wait for a person: looked at, sent back, deleted.

use std::collections::BTreeMap;

use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, Message, MessageAttributeValue,
    MessageSystemAttributeName, QueueAttributeName,
};
use tributary_pipeline::ports::SendError;

use super::{Depth, Queues};
use crate::reaction::send_error;

/// Most messages that SQS hands out or takes back at once.
const BATCH: i32 = 10;
/// How long messages stay hidden while they are gone through, seconds.
const HIDDEN_S: i32 = 120;
/// Answers without a message that mean that there is none: one alone may come from
/// servers that have none (SQS Developer Guide, "Short polling").
const EMPTY_MAX: u32 = 2;

/// A message of a queue that nobody consumes.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// SQS's id.
    pub id: String,
    /// With which it is deleted, while it is hidden.
    handle: String,
    /// The body.
    pub body: String,
    /// Its attributes, texts only.
    pub attributes: BTreeMap<String, String>,
    /// When it was first sent, unix seconds.
    pub sent_at: i64,
    /// How often it was received, this time included.
    pub receives: u64,
    /// Its fair-queuing group.
    pub group: Option<String>,
}

impl std::fmt::Debug for Letter {
    /// Leaves the body out: it may hold personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Letter({}, {} bytes)", self.id, self.body.len())
    }
}

/// What a queue says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueNow {
    /// Its ARN.
    pub arn: String,
    /// How many messages it has.
    pub depth: Depth,
    /// Where its dead letters go, and after how many receives.
    pub dead_letters_arn: Option<String>,
}

impl Queues {
    /// A queue's ARN, depth and dead-letter queue.
    ///
    /// # Errors
    /// When SQS does not answer.
    pub async fn look_at(&self, url: &str) -> Result<QueueNow, SendError> {
        let call = self.client.get_queue_attributes().queue_url(url);
        let call = call.attribute_names(QueueAttributeName::All);
        let answer = Box::pin(call.send()).await;
        let answer = answer.map_err(|error| send_error("GetQueueAttributes", &error))?;
        let attributes = answer.attributes.unwrap_or_default();
        let policy = attributes.get(&QueueAttributeName::RedrivePolicy);
        let policy = policy.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
        let target =
            policy.and_then(|policy| Some(policy.get("deadLetterTargetArn")?.as_str()?.to_owned()));
        let arn = attributes.get(&QueueAttributeName::QueueArn).cloned();
        Ok(QueueNow {
            arn: arn.unwrap_or_default(),
            depth: Depth::of(&attributes),
            dead_letters_arn: target,
        })
    }

    /// Takes up to `most` messages, each once, and hides them for two minutes. Fewer if
    /// there are no more, or others are hidden.
    ///
    /// # Errors
    /// When SQS does not answer; what was taken until then comes back by itself.
    pub async fn take(&self, url: &str, most: usize) -> Result<Vec<Letter>, SendError> {
        let (mut taken, mut empty) = (Vec::new(), 0);
        while taken.len() < most && empty < EMPTY_MAX {
            let left = i32::try_from(most - taken.len()).unwrap_or(BATCH);
            let call = self
                .client
                .receive_message()
                .queue_url(url)
                .max_number_of_messages(left.min(BATCH))
                .visibility_timeout(HIDDEN_S)
                .message_attribute_names("All")
                .message_system_attribute_names(MessageSystemAttributeName::All);
            let answer = Box::pin(call.send()).await;
            let answer = answer.map_err(|error| send_error("ReceiveMessage", &error))?;
            let messages = answer.messages.unwrap_or_default();
            empty = if messages.is_empty() { empty + 1 } else { 0 };
            taken.extend(messages.into_iter().map(letter));
        }
        Ok(taken)
    }

    /// Shows messages to others again.
    ///
    /// # Errors
    /// When SQS does not answer; they come back by themselves.
    pub async fn give_back(&self, url: &str, letters: &[&Letter]) -> Result<(), SendError> {
        for chunk in letters.chunks(BATCH.unsigned_abs() as usize) {
            let entries = chunk.iter().enumerate().filter_map(|(index, letter)| {
                ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(index.to_string())
                    .receipt_handle(&letter.handle)
                    .visibility_timeout(0)
                    .build()
                    .ok()
            });
            let call = self.client.change_message_visibility_batch().queue_url(url);
            let answer = Box::pin(call.set_entries(Some(entries.collect())).send()).await;
            answer.map_err(|error| send_error("ChangeMessageVisibilityBatch", &error))?;
        }
        Ok(())
    }

    /// Up to `most` messages, for a look: others see them again afterwards.
    ///
    /// # Errors
    /// When SQS does not answer.
    pub async fn show(&self, url: &str, most: usize) -> Result<Vec<Letter>, SendError> {
        let taken = self.take(url, most).await?;
        self.give_back(url, &taken.iter().collect::<Vec<_>>())
            .await?;
        Ok(taken)
    }

    /// Sends a body with these attributes, in a group or in none.
    ///
    /// # Errors
    /// When SQS does not take it.
    pub async fn post(
        &self,
        url: &str,
        group: Option<&str>,
        attributes: &BTreeMap<String, String>,
        body: &str,
    ) -> Result<(), SendError> {
        let mut call = self.client.send_message().queue_url(url).message_body(body);
        for (name, value) in attributes {
            let value = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(value)
                .build()
                .map_err(|error| SendError::Invalid(error.to_string()))?;
            call = call.message_attributes(name, value);
        }
        let call = call.set_message_group_id(group.map(str::to_owned));
        Box::pin(call.send())
            .await
            .map_err(|error| send_error("SendMessage", &error))?;
        Ok(())
    }

    /// Deletes a message that was taken.
    ///
    /// # Errors
    /// When SQS does not answer, or it is hidden no longer.
    pub async fn delete(&self, url: &str, letter: &Letter) -> Result<(), SendError> {
        let call = self.client.delete_message().queue_url(url);
        Box::pin(call.receipt_handle(&letter.handle).send())
            .await
            .map_err(|error| send_error("DeleteMessage", &error))?;
        Ok(())
    }
}

fn letter(message: Message) -> Letter {
    use MessageSystemAttributeName as Name;
    let system = message.attributes.unwrap_or_default();
    let number = |name: &Name| system.get(name).and_then(|text| text.parse::<i64>().ok());
    let attributes = message.message_attributes.unwrap_or_default().into_iter();
    Letter {
        id: message.message_id.unwrap_or_default(),
        handle: message.receipt_handle.unwrap_or_default(),
        body: message.body.unwrap_or_default(),
        attributes: attributes
            .filter_map(|(name, value)| Some((name, value.string_value?)))
            .collect(),
        sent_at: number(&Name::SentTimestamp).unwrap_or(0) / 1_000,
        receives: number(&Name::ApproximateReceiveCount)
            .and_then(|count| u64::try_from(count).ok())
            .unwrap_or(0),
        group: system.get(&Name::MessageGroupId).cloned(),
    }
}
