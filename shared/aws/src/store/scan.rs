//! Reading whole tables: for audits and tools, never for a function.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use tributary_domain::{ObjectKey, Row};
use tributary_pipeline::ports::{Blobs, StoreError};

use super::items::{ItemError, KEY, OUTCOME, row_of};
use super::{DynamoStore, Item};
use crate::reaction::store_error;

impl<B: Blobs> DynamoStore<B> {
    /// All rows of the mirror.
    ///
    /// # Errors
    /// When the table cannot be read, or an item is not a row.
    pub async fn all_rows(&self) -> Result<BTreeMap<ObjectKey, Row>, StoreError> {
        let mut rows = BTreeMap::new();
        for item in self.all_items(&self.tables.mirror).await? {
            let key = ObjectKey::parse(text(&item, KEY)?).map_err(|_| ItemError::Attribute(KEY))?;
            rows.insert(key, row_of(&self.blobs, &item).await?);
        }
        Ok(rows)
    }

    /// The key and the outcome of every event in the log.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn all_outcomes(&self) -> Result<BTreeMap<String, String>, StoreError> {
        let items = self.all_items(&self.tables.events).await?;
        let outcome =
            |item: &Item| Ok((text(item, KEY)?.to_owned(), text(item, OUTCOME)?.to_owned()));
        items.iter().map(outcome).collect()
    }

    async fn all_items(&self, table: &str) -> Result<Vec<Item>, StoreError> {
        let (mut items, mut from) = (Vec::new(), None);
        loop {
            let call = self
                .client
                .scan()
                .table_name(table)
                .set_exclusive_start_key(from);
            let page = Box::pin(call.send())
                .await
                .map_err(|error| store_error("Scan", &error))?;
            items.extend(page.items.unwrap_or_default());
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(items);
            }
        }
    }
}

fn text<'a>(item: &'a Item, name: &'static str) -> Result<&'a str, ItemError> {
    item.get(name)
        .and_then(|value: &AttributeValue| value.as_s().ok())
        .map(String::as_str)
        .ok_or(ItemError::Attribute(name))
}
