//! Reading items. Every read is consistent: what is counted is what was absent.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use tributary_pipeline::ledger::LedgerError;

use super::items::{KEY, RANGE};
use super::{DynamoLedger, Item};
use crate::reaction::ledger_error;

/// Most keys of one `BatchGetItem`.
const KEYS_MAX: usize = 100;
/// Rounds for keys that DynamoDB left unread.
const ROUNDS_MAX: u32 = 5;

impl DynamoLedger {
    /// One item. Read as a batch, so that a function needs one permission less.
    pub(super) async fn get(&self, key: Item) -> Result<Option<Item>, LedgerError> {
        Ok(self.get_all(vec![key], None).await?.pop())
    }

    /// Those items that exist, whole or only some of their attributes.
    pub(super) async fn get_all(
        &self,
        keys: Vec<Item>,
        attributes: Option<&str>,
    ) -> Result<Vec<Item>, LedgerError> {
        let mut found = Vec::with_capacity(keys.len());
        for chunk in keys.chunks(KEYS_MAX) {
            let wanted = KeysAndAttributes::builder()
                .set_keys(Some(chunk.to_vec()))
                .set_projection_expression(attributes.map(str::to_owned))
                .consistent_read(true)
                .build()
                .map_err(|_| LedgerError::Invalid("a read that cannot be built".to_owned()))?;
            let wanted = HashMap::from([(self.table.clone(), wanted)]);
            found.extend(self.get_batch(wanted).await?);
        }
        Ok(found)
    }

    async fn get_batch(
        &self,
        mut wanted: HashMap<String, KeysAndAttributes>,
    ) -> Result<Vec<Item>, LedgerError> {
        let mut found = Vec::new();
        for round in 0..ROUNDS_MAX {
            let call = self.client.batch_get_item();
            let answer = Box::pin(call.set_request_items(Some(wanted)).send()).await;
            let answer = answer.map_err(|error| ledger_error("BatchGetItem", &error))?;
            found.extend(answer.responses.unwrap_or_default().into_values().flatten());
            wanted = answer.unprocessed_keys.unwrap_or_default();
            if wanted.is_empty() {
                return Ok(found);
            }
            tokio::time::sleep(Duration::from_millis(50 << round)).await;
        }
        Err(LedgerError::Transient(
            "BatchGetItem: keys were left unread".to_owned(),
        ))
    }

    /// Every item of a hash key, in the order of the range keys.
    pub(super) async fn query(&self, pk: &str) -> Result<Vec<Item>, LedgerError> {
        let (mut items, mut from) = (Vec::new(), None);
        loop {
            let call = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression(format!("{KEY} = :pk"))
                .expression_attribute_values(":pk", super::AttributeValue::S(pk.to_owned()))
                .consistent_read(true)
                .set_exclusive_start_key(from);
            let answer = Box::pin(call.send()).await;
            let page = answer.map_err(|error| ledger_error("Query", &error))?;
            items.extend(page.items.unwrap_or_default());
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(items);
            }
        }
    }

    /// Every item of the table whose range key begins so, whatever its hash key.
    pub(super) async fn scan(&self, range: &str) -> Result<Vec<Item>, LedgerError> {
        let (mut items, mut from) = (Vec::new(), None);
        loop {
            let call = self
                .client
                .scan()
                .table_name(&self.table)
                .filter_expression(format!("begins_with({RANGE}, :range)"))
                .expression_attribute_values(":range", super::AttributeValue::S(range.to_owned()))
                .set_exclusive_start_key(from);
            let answer = Box::pin(call.send()).await;
            let page = answer.map_err(|error| ledger_error("Scan", &error))?;
            items.extend(page.items.unwrap_or_default());
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(items);
            }
        }
    }
}
