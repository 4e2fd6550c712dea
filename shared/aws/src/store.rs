//! The mirror and the event log in DynamoDB.
//!
//! Two tables, one item for an object and one for an event, each written with one
//! conditional write. An item that DynamoDB cannot hold keeps its text in the
//! bucket.

mod items;
mod load;
mod log;
mod recall;
mod scan;

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use tributary_domain::{EventKey, Fingerprint, ObjectKey, Row};
use tributary_pipeline::ports::{Blobs, Loaded, Store, StoreError};
use tributary_pipeline::receipt::{Outcome, Receipt};

use crate::Aws;
use crate::reaction::store_error;

pub use items::{ItemError, Logged, row_from_stream};
pub use log::{LogFilter, LogLine, LogPage};
pub use recall::Recalled;
pub use scan::{Page, Place};

/// An item of a table.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// Where the store's tables are.
#[derive(Debug, Clone)]
pub struct Tables {
    /// The mirror: one item for each object.
    pub mirror: String,
    /// The event log: one item for each event.
    pub events: String,
    /// Days for which events are kept. At least 35: a webhook may come again for
    /// three days and be resent by hand for thirty.
    pub retention_days: i64,
}

/// The store.
#[derive(Debug, Clone)]
pub struct DynamoStore<B> {
    client: Client,
    tables: Tables,
    blobs: B,
}

impl<B: Blobs> DynamoStore<B> {
    /// Tables by name, and the bucket for what does not fit.
    pub fn new(aws: &Aws, tables: Tables, blobs: B) -> Self {
        Self {
            client: Client::new(&aws.config),
            tables,
            blobs,
        }
    }

    fn put(&self, table: &str, item: Item, condition: &str) -> Put {
        self.client
            .put_item()
            .table_name(table)
            .set_item(Some(item))
            .condition_expression(condition)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

type Put = aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;

/// The item that stood in the way of a conditional write.
fn in_the_way(error: &SdkError<PutItemError, HttpResponse>) -> Result<Item, StoreError> {
    match error.as_service_error() {
        Some(PutItemError::ConditionalCheckFailedException(failed)) => {
            Ok(failed.item.clone().unwrap_or_default())
        }
        _ => Err(store_error("PutItem", error)),
    }
}

impl<B: Blobs> Store for DynamoStore<B> {
    async fn load(&self, events: &[EventKey], objects: &[ObjectKey]) -> Result<Loaded, StoreError> {
        load::load(self, events, objects).await
    }

    async fn write_row(
        &self,
        key: &ObjectKey,
        row: &Row,
        expected: Option<&Fingerprint>,
    ) -> Result<(), StoreError> {
        let item = items::row_item(&self.blobs, key, row).await?;
        let put = match expected {
            None => self.put(&self.tables.mirror, item, "attribute_not_exists(pk)"),
            Some(token) => self
                .put(&self.tables.mirror, item, "#token = :expected")
                .expression_attribute_names("#token", items::TOKEN)
                .expression_attribute_values(":expected", AttributeValue::S(token.to_string())),
        };
        let Err(error) = Box::pin(put.send()).await else {
            return Ok(());
        };
        let current = in_the_way(&error)?;
        if current.is_empty() {
            return Err(StoreError::Conflict(None));
        }
        let current = items::row_of(&self.blobs, &current).await?;
        // A write whose answer was lost is repeated by the SDK and then meets
        // itself: that is success.
        if current == *row {
            return Ok(());
        }
        Err(StoreError::Conflict(Some(Box::new(current))))
    }

    async fn write_receipt(&self, receipt: &Receipt) -> Result<(), StoreError> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |d| d.as_secs());
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        let expires_at = now.saturating_add(self.tables.retention_days.saturating_mul(86_400));
        let item = items::receipt_item(&self.blobs, receipt, now, expires_at).await?;
        let put = match receipt.outcome {
            Outcome::Quarantined => self.put(&self.tables.events, item, "attribute_not_exists(pk)"),
            _ => {
                let (condition, values) = items::absent_or_gives_way(receipt);
                let values = values.into_iter().map(|(n, v)| (n.to_owned(), items::s(v)));
                self.put(&self.tables.events, item, &condition)
                    .set_expression_attribute_values(Some(values.collect()))
            }
        };
        let Err(error) = Box::pin(put.send()).await else {
            return Ok(());
        };
        let mark = items::mark_of(&in_the_way(&error)?)?;
        Err(StoreError::Duplicate(Box::new(mark)))
    }
}
