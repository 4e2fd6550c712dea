//! What instances share to spend one budget at Stripe: small items in a table.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tributary_pacing::{ControlStore, Gate, Share, StoreDown, Stored, WriteError};

use crate::reaction::store_error;
use crate::{Aws, Settings};

/// The control table: `pk`, the `text` under it, and its `version`.
#[derive(Debug, Clone)]
pub struct ControlTable {
    client: Client,
    table: String,
}

impl ControlTable {
    /// A table by name.
    pub fn new(aws: &Aws, table: String) -> Self {
        Self {
            client: Client::new(&aws.config),
            table,
        }
    }

    async fn load_item(&self, key: &str) -> Result<Option<Stored>, StoreDown> {
        let get = self.client.get_item().table_name(&self.table);
        let get = get.key("pk", AttributeValue::S(key.to_owned()));
        // A probe that another instance has just begun must be seen.
        let loaded = Box::pin(get.consistent_read(true).send()).await;
        let loaded = loaded.map_err(|e| StoreDown(store_error("GetItem", &e).to_string()))?;
        let Some(item) = loaded.item else {
            return Ok(None);
        };
        let text = item.get("text").and_then(|text| text.as_s().ok());
        let version = item.get("version").and_then(|version| version.as_n().ok());
        match (text, version.and_then(|version| version.parse().ok())) {
            (Some(text), Some(version)) => Ok(Some(Stored {
                text: text.clone(),
                version,
            })),
            _ => Err(StoreDown("an item of another form".to_owned())),
        }
    }

    async fn replace_item(
        &self,
        key: &str,
        text: &str,
        seen: Option<u64>,
    ) -> Result<(), WriteError> {
        let version = seen.map_or(1, |version| version.saturating_add(1));
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item("pk", AttributeValue::S(key.to_owned()))
            .item("text", AttributeValue::S(text.to_owned()))
            .item("version", AttributeValue::N(version.to_string()));
        let put = match seen {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(seen) => put
                .condition_expression("#version = :seen")
                .expression_attribute_names("#version", "version")
                .expression_attribute_values(":seen", AttributeValue::N(seen.to_string())),
        };
        let Err(error) = Box::pin(put.send()).await else {
            return Ok(());
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(_)) => Err(WriteError::Conflict),
            _ => Err(StoreDown(store_error("PutItem", &error).to_string()).into()),
        }
    }
}

impl ControlStore for ControlTable {
    fn load<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Stored>, StoreDown>> {
        self.load_item(key).boxed()
    }

    fn replace<'a>(
        &'a self,
        key: &'a str,
        text: &'a str,
        seen: Option<u64>,
    ) -> BoxFuture<'a, Result<(), WriteError>> {
        self.replace_item(key, text, seen).boxed()
    }

    fn opened(&self, family: &str) {
        tributary_telemetry::warn!(
            "a breaker opened",
            breaker_opened = 1_usize,
            family = family
        );
    }
}

/// The budget at Stripe, and one instance's part in it.
#[derive(Debug, Clone)]
pub struct Budget {
    table: String,
    limit_per_s: u32,
    workers: u32,
}

impl Budget {
    /// Reads the settings that all functions have that call Stripe: `CONTROL_TABLE`,
    /// `STRIPE_REQUESTS_PER_SECOND` (Stripe's limit) and `STRIPE_WORKERS` (how many
    /// instances of all these functions there can be).
    pub fn read(settings: &mut Settings) -> Self {
        let mut number = |name| u32::try_from(settings.number(name, 1..=10_000)).unwrap_or(1);
        Self {
            limit_per_s: number("STRIPE_REQUESTS_PER_SECOND"),
            workers: number("STRIPE_WORKERS"),
            table: settings.text("CONTROL_TABLE"),
        }
    }

    /// This instance's gate; all its calls have to pass the same one.
    pub fn gate(&self, aws: &Aws) -> Arc<Gate> {
        let share = Share::at_random(self.limit_per_s, self.workers);
        let store = ControlTable::new(aws, self.table.clone());
        Arc::new(Gate::new(share, Arc::new(store)))
    }
}
