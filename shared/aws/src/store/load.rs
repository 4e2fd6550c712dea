//! Reading what is known of a batch: one request for both tables.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use tributary_domain::{EventKey, ObjectKey};
use tributary_pipeline::ports::{Blobs, Loaded, StoreError};

use super::items::{API_VERSION, FINGERPRINT, KEY, OUTCOME, mark_of, row_of};
use super::{DynamoStore, Item};
use crate::reaction::store_error;

/// Most keys of one `BatchGetItem`.
const KEYS_MAX: usize = 100;
/// Rounds for keys that DynamoDB left unread.
const ROUNDS_MAX: u32 = 5;

pub(super) async fn load<B: Blobs>(
    store: &DynamoStore<B>,
    events: &[EventKey],
    objects: &[ObjectKey],
) -> Result<Loaded, StoreError> {
    let events: BTreeMap<String, &EventKey> = events.iter().map(|k| (k.to_string(), k)).collect();
    let objects: BTreeMap<String, &ObjectKey> =
        objects.iter().map(|k| (k.to_string(), k)).collect();
    let tables = &store.tables;
    let wanted: Vec<(&str, &str)> = events
        .keys()
        .map(|key| (tables.events.as_str(), key.as_str()))
        .chain(
            objects
                .keys()
                .map(|key| (tables.mirror.as_str(), key.as_str())),
        )
        .collect();
    let mut loaded = Loaded::default();
    for chunk in wanted.chunks(KEYS_MAX) {
        let (items, unread) = read(store, chunk).await?;
        // A throttled partition costs only the messages about what is in it.
        for (table, key) in unread {
            let key = key.as_str();
            if table == tables.events {
                let event = events.get(key).copied().cloned();
                loaded.damaged_receipts.extend(event);
            } else {
                let object = objects.get(key).copied().cloned();
                loaded.damaged_rows.extend(object);
            }
        }
        for (table, item) in items {
            let Some(key) = item.get(KEY).and_then(|key| key.as_s().ok()) else {
                continue;
            };
            if table == tables.events {
                let Some(&event) = events.get(key) else {
                    continue;
                };
                match mark_of(&item) {
                    Ok(mark) => drop(loaded.receipts.insert(event.clone(), mark)),
                    Err(error) => {
                        tributary_telemetry::error!(
                            "a receipt cannot be read",
                            event = event,
                            error = error
                        );
                        loaded.damaged_receipts.insert(event.clone());
                    }
                }
            } else if let Some(&object) = objects.get(key) {
                match row_of(&store.blobs, &item).await {
                    Ok(row) => drop(loaded.rows.insert(object.clone(), row)),
                    Err(error) => {
                        tributary_telemetry::error!(
                            "a row cannot be read",
                            object = object,
                            error = error
                        );
                        loaded.damaged_rows.insert(object.clone());
                    }
                }
            }
        }
    }
    Ok(loaded)
}

fn request<B>(store: &DynamoStore<B>, keys: &[(&str, &str)]) -> HashMap<String, KeysAndAttributes> {
    let mut by_table: HashMap<String, Vec<Item>> = HashMap::new();
    for (table, key) in keys {
        let key = Item::from([(KEY.to_owned(), AttributeValue::S((*key).to_owned()))]);
        by_table.entry((*table).to_owned()).or_default().push(key);
    }
    by_table
        .into_iter()
        .filter_map(|(table, keys)| {
            let mut wanted = KeysAndAttributes::builder().set_keys(Some(keys));
            if table == store.tables.events {
                let marks = format!("{KEY}, {FINGERPRINT}, {API_VERSION}, {OUTCOME}");
                wanted = wanted.projection_expression(marks);
            }
            Some((table, wanted.build().ok()?))
        })
        .collect()
}

/// Items, and the keys of those that were left unread, each with its table.
type Read = (Vec<(String, Item)>, Vec<(String, String)>);

/// Reads the keys of one chunk. Reads are eventually consistent, at half the price: a
/// stale answer costs a retry of a conditional write, never a wrong one.
async fn read<B>(store: &DynamoStore<B>, keys: &[(&str, &str)]) -> Result<Read, StoreError> {
    let mut items = Vec::with_capacity(keys.len());
    let mut wanted = request(store, keys);
    for round in 0..ROUNDS_MAX {
        let call = store
            .client
            .batch_get_item()
            .set_request_items(Some(wanted));
        let answer = Box::pin(call.send())
            .await
            .map_err(|error| store_error("BatchGetItem", &error))?;
        for (table, found) in answer.responses.unwrap_or_default() {
            items.extend(found.into_iter().map(|item| (table.clone(), item)));
        }
        wanted = answer.unprocessed_keys.unwrap_or_default();
        if wanted.is_empty() {
            return Ok((items, Vec::new()));
        }
        tokio::time::sleep(Duration::from_millis(50 << round)).await;
    }
    let unread = wanted.iter().flat_map(|(table, wanted)| {
        let keys = wanted
            .keys()
            .iter()
            .filter_map(|key| key.get(KEY)?.as_s().ok());
        keys.map(|key| (table.clone(), key.clone()))
    });
    let unread: Vec<_> = unread.collect();
    tributary_telemetry::warn!("keys were left unread", keys = unread.len());
    Ok((items, unread))
}
