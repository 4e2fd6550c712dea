//! Reconciliation's ports on DynamoDB and SQS.
//!
//! Two tables. `control` forgets: leases of jobs and counters of heals, hash key `pk`.
//! `findings` does not: findings (`pk` the book, `sk` code and subject) and how far
//! each book is covered (`pk` `coverage#<mode>`, `sk` the owner).

mod books;
mod control;
mod findings;
mod jobs;

pub use control::DynamoControl;
pub use findings::DynamoFindings;
pub use jobs::SqsJobs;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tributary_pipeline::reconcile::ControlError;

use crate::reaction::control_error;

/// An item of a table.
type Item = HashMap<String, AttributeValue>;

/// The attribute of an item's JSON.
const TEXT: &str = "text";
/// The attribute of an item's revision: what conditional writes compare.
pub(crate) const REVISION: &str = "rev";

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(crate) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn write<T: Serialize>(value: &T) -> Result<AttributeValue, ControlError> {
    let text = serde_json::to_string(value);
    text.map(s)
        .map_err(|_| ControlError::Invalid("an item that cannot be written".to_owned()))
}

fn read<T: DeserializeOwned>(item: &Item) -> Result<T, ControlError> {
    let text = item.get(TEXT).and_then(|text| text.as_s().ok());
    text.and_then(|text| serde_json::from_str(text).ok())
        .ok_or_else(|| ControlError::Invalid("an item that cannot be read".to_owned()))
}

/// Puts an item over the one with the revision before; 0 if there is none.
pub(crate) async fn put_over(
    client: &Client,
    table: &str,
    item: Item,
    before: u64,
) -> Result<(), ControlError> {
    let put = client.put_item().table_name(table).set_item(Some(item));
    let put = match before {
        0 => put.condition_expression("attribute_not_exists(pk)"),
        before => put
            .condition_expression("#rev = :before")
            .expression_attribute_names("#rev", REVISION)
            .expression_attribute_values(":before", n(before)),
    };
    let Err(error) = Box::pin(put.send()).await else {
        return Ok(());
    };
    let service = error.as_service_error();
    if service.is_some_and(PutItemError::is_conditional_check_failed_exception) {
        return Err(ControlError::Conflict);
    }
    Err(control_error("PutItem", &error))
}

pub(crate) fn revision(item: &Item) -> u64 {
    let number = item.get(REVISION).and_then(|number| number.as_n().ok());
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}
