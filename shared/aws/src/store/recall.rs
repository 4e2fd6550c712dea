//! Reading events of the log by name, whole: for traces, never for a function.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use tributary_domain::{EventKey, ObjectKey};
use tributary_pipeline::ports::{Blobs, StoreError};

use super::items::{ItemError, KEY, OUTCOME, s, stored_text};
use super::{DynamoStore, Item};
use crate::reaction::store_error;

/// Most keys of one `BatchGetItem`.
const KEYS_MAX: usize = 100;
/// Rounds for keys that DynamoDB left unread: events are up to 400 KB, and an answer
/// holds 16 MB.
const ROUNDS_MAX: u32 = 20;

/// What the event log says of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recalled {
    /// Its key, as it is stored.
    pub key: String,
    /// Stripe's type.
    pub kind: String,
    /// When Stripe made it, unix seconds.
    pub created: i64,
    /// When it was applied, unix seconds.
    pub received_at: i64,
    /// By which way it came.
    pub origin: String,
    /// What became of it.
    pub outcome: String,
    /// The mirrored object's key.
    pub object: Option<ObjectKey>,
    /// As it came.
    pub raw: String,
}

impl<B: Blobs> DynamoStore<B> {
    /// Those of these events that are in the log: a request for a hundred.
    ///
    /// # Errors
    /// When the table cannot be read, or an item is not an event.
    pub async fn recall(&self, keys: &[EventKey]) -> Result<Vec<Recalled>, StoreError> {
        let mut recalled = Vec::new();
        for chunk in keys.chunks(KEYS_MAX) {
            let keys = chunk.iter().map(|key| {
                let key = s(key.to_string());
                Item::from([(KEY.to_owned(), key)])
            });
            for item in self.events_under(keys.collect()).await? {
                recalled.push(recalled_of(&self.blobs, &item).await?);
            }
        }
        Ok(recalled)
    }

    async fn events_under(&self, keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
        let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).build();
        let wanted = wanted.map_err(|error| StoreError::Invalid(error.to_string()))?;
        let mut wanted = HashMap::from([(self.tables.events.clone(), wanted)]);
        let mut found = Vec::new();
        for round in 0..ROUNDS_MAX {
            let call = self.client.batch_get_item();
            let answer = Box::pin(call.set_request_items(Some(wanted)).send()).await;
            let answer = answer.map_err(|error| store_error("BatchGetItem", &error))?;
            found.extend(answer.responses.unwrap_or_default().into_values().flatten());
            wanted = answer.unprocessed_keys.unwrap_or_default();
            if wanted.is_empty() {
                return Ok(found);
            }
            tokio::time::sleep(Duration::from_millis(50 << round.min(4))).await;
        }
        let unread = "BatchGetItem: keys were left unread".to_owned();
        Err(StoreError::Transient(unread))
    }
}

async fn recalled_of(blobs: &impl Blobs, item: &Item) -> Result<Recalled, ItemError> {
    let optional = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    let text = |name: &'static str| optional(name).ok_or(ItemError::Attribute(name));
    let number = |name: &'static str| {
        let number = item.get(name).and_then(|value| value.as_n().ok());
        let number = number.and_then(|number| number.parse().ok());
        number.ok_or(ItemError::Attribute(name))
    };
    let object = optional("object").map(|object| ObjectKey::parse(&object));
    Ok(Recalled {
        key: text(KEY)?,
        kind: text("type")?,
        created: number("created")?,
        received_at: number("received_at")?,
        origin: optional("origin").unwrap_or_default(),
        outcome: text(OUTCOME)?,
        object: object
            .transpose()
            .map_err(|_| ItemError::Attribute("object"))?,
        raw: stored_text(blobs, item).await?,
    })
}
