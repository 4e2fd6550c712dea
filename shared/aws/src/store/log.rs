//! Looking things up in the event log: for people and tools, never for a function.

use aws_sdk_dynamodb::types::AttributeValue;
use tributary_pipeline::ports::{Blobs, StoreError};

use super::items::{ItemError, KEY, Logged, OUTCOME, logged_of, s, stored_text};
use super::scan::Place;
use super::{DynamoStore, Item};
use crate::reaction::store_error;

/// A line of the log, without the event itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The event's key.
    pub key: String,
    /// Stripe's type.
    pub kind: String,
    /// When Stripe made it, unix seconds.
    pub created: i64,
    /// When it was applied, unix seconds by our clock.
    pub received_at: i64,
    /// Until when it is kept, unix seconds.
    pub expires_at: i64,
    /// What became of it.
    pub outcome: String,
    /// How it came.
    pub origin: Option<String>,
    /// The version that rendered it.
    pub api_version: Option<String>,
    /// The key of the object that it is about.
    pub object: Option<String>,
}

/// A part of the log, in no order that means anything.
#[derive(Debug)]
pub struct LogPage<T> {
    /// What was meant of it.
    pub items: Vec<T>,
    /// How many were read to find them.
    pub read: u64,
    /// Where the next page begins; `None` after the last.
    pub next: Option<Place>,
}

/// Which lines are meant; all conditions have to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Whose, in either mode: an account or `platform`.
    pub owner: Option<String>,
    /// What the type begins with.
    pub kind_prefix: Option<String>,
    /// What became of it.
    pub outcome: Option<String>,
    /// Made no earlier, unix seconds.
    pub since: Option<i64>,
    /// Made no later, unix seconds.
    pub until: Option<i64>,
}

impl LogFilter {
    /// As DynamoDB wants it: the expression, and the values in it.
    fn expression(&self) -> (Option<String>, Vec<(&'static str, AttributeValue)>) {
        let number = |at: i64| AttributeValue::N(at.to_string());
        let mut conditions = Vec::new();
        let mut values = Vec::new();
        if let Some(owner) = &self.owner {
            conditions.push("(begins_with(pk, :live) OR begins_with(pk, :test))");
            values.push((":live", s(format!("live#{owner}#"))));
            values.push((":test", s(format!("test#{owner}#"))));
        }
        if let Some(prefix) = &self.kind_prefix {
            conditions.push("begins_with(#type, :type)");
            values.push((":type", s(prefix)));
        }
        if let Some(outcome) = &self.outcome {
            conditions.push("outcome = :outcome");
            values.push((":outcome", s(outcome)));
        }
        if let Some(since) = self.since {
            conditions.push("created >= :since");
            values.push((":since", number(since)));
        }
        if let Some(until) = self.until {
            conditions.push("created <= :until");
            values.push((":until", number(until)));
        }
        let expression = (!conditions.is_empty()).then(|| conditions.join(" AND "));
        (expression, values)
    }
}

impl<B: Blobs> DynamoStore<B> {
    /// A page of those lines of the log that a filter takes. DynamoDB reads, and bills,
    /// those that it leaves out too.
    ///
    /// # Errors
    /// When the table cannot be read, or an item is not an event.
    pub async fn log_lines(
        &self,
        filter: &LogFilter,
        from: Option<Place>,
    ) -> Result<LogPage<LogLine>, StoreError> {
        let page = self.scan_log(filter, from).await?;
        Ok(LogPage {
            read: page.read,
            items: page.items.iter().map(line).collect::<Result<_, _>>()?,
            next: page.next,
        })
    }

    /// A page of what was logged, as it came, of those lines that a filter takes.
    ///
    /// # Errors
    /// When the table cannot be read, or an item is not an event.
    pub async fn log_bodies(
        &self,
        filter: &LogFilter,
        from: Option<Place>,
    ) -> Result<LogPage<Logged>, StoreError> {
        let page = self.scan_log(filter, from).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for item in &page.items {
            items.push(logged_of(&self.blobs, item).await?);
        }
        Ok(LogPage {
            read: page.read,
            items,
            next: page.next,
        })
    }

    async fn scan_log(
        &self,
        filter: &LogFilter,
        from: Option<Place>,
    ) -> Result<LogPage<Item>, StoreError> {
        let (expression, values) = filter.expression();
        let names = filter.kind_prefix.as_ref().map(|_| ("#type", "type"));
        let mut call = self
            .client
            .scan()
            .table_name(&self.tables.events)
            .set_filter_expression(expression)
            .set_exclusive_start_key(from.map(|Place(key)| key));
        for (name, value) in values {
            call = call.expression_attribute_values(name, value);
        }
        if let Some((name, attribute)) = names {
            call = call.expression_attribute_names(name, attribute);
        }
        let page = Box::pin(call.send()).await;
        let page = page.map_err(|error| store_error("Scan", &error))?;
        Ok(LogPage {
            read: u64::try_from(page.scanned_count).unwrap_or(0),
            items: page.items.unwrap_or_default(),
            next: page.last_evaluated_key.map(Place),
        })
    }

    /// One line of the log, with what was logged as it came. `None` if there is none.
    ///
    /// # Errors
    /// When the table cannot be read, or the item is not an event.
    pub async fn logged(&self, key: &str) -> Result<Option<(LogLine, String)>, StoreError> {
        let call = self.client.get_item().table_name(&self.tables.events);
        let answer = Box::pin(call.key(KEY, s(key)).send()).await;
        let answer = answer.map_err(|error| store_error("GetItem", &error))?;
        match answer.item {
            None => Ok(None),
            Some(item) => Ok(Some((line(&item)?, stored_text(&self.blobs, &item).await?))),
        }
    }
}

fn line(item: &Item) -> Result<LogLine, ItemError> {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    let number = |name: &str| {
        let number = item.get(name).and_then(|value| value.as_n().ok());
        number.and_then(|number| number.parse().ok())
    };
    Ok(LogLine {
        key: text(KEY).ok_or(ItemError::Attribute(KEY))?,
        kind: text("type").ok_or(ItemError::Attribute("type"))?,
        created: number("created").ok_or(ItemError::Attribute("created"))?,
        received_at: number("received_at").unwrap_or(0),
        expires_at: number("expires_at").unwrap_or(0),
        outcome: text(OUTCOME).ok_or(ItemError::Attribute(OUTCOME))?,
        origin: text("origin"),
        api_version: text("api_version"),
        object: text("object"),
    })
}
