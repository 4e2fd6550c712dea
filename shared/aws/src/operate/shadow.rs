//! Empty tables of the shape of others, to rebuild what those hold beside them.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{BillingMode, TableDescription, TableStatus};
use tributary_pipeline::ports::StoreError;

use crate::Aws;
use crate::reaction::store_error;

/// How often a table that is being made is looked at: a minute in all.
const LOOKS_MAX: u32 = 60;

/// Makes a table with the keys of another, paid by the request, and waits until it
/// takes writes.
///
/// # Errors
/// When there is no such table, the name is taken, or it is not there in a minute.
pub async fn create_like(aws: &Aws, model: &str, name: &str) -> Result<(), StoreError> {
    let client = Client::new(&aws.config);
    let described = describe(&client, model).await?;
    let call = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(described.key_schema)
        .set_attribute_definitions(described.attribute_definitions);
    Box::pin(call.send())
        .await
        .map_err(|error| store_error("CreateTable", &error))?;
    for _ in 0..LOOKS_MAX {
        if describe(&client, name).await?.table_status == Some(TableStatus::Active) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Err(StoreError::Transient(format!("{name} is not active yet")))
}

/// Whether there is a table of that name.
///
/// # Errors
/// When DynamoDB does not say.
pub async fn is_table(aws: &Aws, name: &str) -> Result<bool, StoreError> {
    let client = Client::new(&aws.config);
    let call = client.describe_table().table_name(name);
    match Box::pin(call.send()).await {
        Ok(_) => Ok(true),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(|it| it.is_resource_not_found_exception()) =>
        {
            Ok(false)
        }
        Err(error) => Err(store_error("DescribeTable", &error)),
    }
}

async fn describe(client: &Client, table: &str) -> Result<TableDescription, StoreError> {
    let call = client.describe_table().table_name(table);
    let answer = Box::pin(call.send())
        .await
        .map_err(|error| store_error("DescribeTable", &error))?;
    let table = answer.table.map(without_indexes);
    table.ok_or_else(|| StoreError::Invalid("DescribeTable described nothing".to_owned()))
}

/// Attributes that only an index has may not be defined without it.
fn without_indexes(mut table: TableDescription) -> TableDescription {
    let keys = table.key_schema().to_vec();
    if let Some(attributes) = &mut table.attribute_definitions {
        attributes.retain(|attribute| {
            keys.iter()
                .any(|key| key.attribute_name == attribute.attribute_name)
        });
    }
    table
}
