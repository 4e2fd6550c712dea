//! Reading whole tables: for audits and tools, never for a function.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use tributary_domain::{ObjectKey, Row};
use tributary_pipeline::ports::{Blobs, StoreError};

use super::items::{ItemError, KEY, OUTCOME, row_of};
use super::{DynamoStore, Item};
use crate::reaction::store_error;

/// Where in a table the next page begins.
#[derive(Debug, Clone)]
pub struct Place(pub(super) Item);

/// A part of a table, in no order that means anything.
#[derive(Debug)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one begins; `None` after the last.
    pub next: Option<Place>,
}

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

    /// A page of the mirror.
    ///
    /// # Errors
    /// When the table cannot be read, or an item is not a row.
    pub async fn row_page(
        &self,
        from: Option<Place>,
    ) -> Result<Page<(ObjectKey, Row)>, StoreError> {
        let Page { items, next } = self.page(&self.tables.mirror, from).await?;
        let mut rows = Vec::with_capacity(items.len());
        for item in &items {
            let key = ObjectKey::parse(text(item, KEY)?).map_err(|_| ItemError::Attribute(KEY))?;
            rows.push((key, row_of(&self.blobs, item).await?));
        }
        Ok(Page { items: rows, next })
    }

    async fn page(&self, table: &str, from: Option<Place>) -> Result<Page<Item>, StoreError> {
        let call = self.client.scan().table_name(table);
        let call = call.set_exclusive_start_key(from.map(|Place(key)| key));
        let page = Box::pin(call.send())
            .await
            .map_err(|error| store_error("Scan", &error))?;
        Ok(Page {
            items: page.items.unwrap_or_default(),
            next: page.last_evaluated_key.map(Place),
        })
    }

    async fn all_items(&self, table: &str) -> Result<Vec<Item>, StoreError> {
        let (mut items, mut from) = (Vec::new(), None);
        loop {
            let page = self.page(table, from).await?;
            items.extend(page.items);
            from = page.next;
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
