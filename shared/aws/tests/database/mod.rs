//! A real DynamoDB engine for a test: dynoxide in this process, or DynamoDB Local
//! where `DYNAMODB_LOCAL_URL` says that one runs (`make contract`).

#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicU32, Ordering};

use aws_sdk_dynamodb::config::{Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use aws_sdk_dynamodb::{Client, Config};
use tributary_aws::store::Tables;
use tributary_aws::{Aws, DynamoStore};
use tributary_testkit::MemoryBlobs;

/// Keeps the tables of tests that share a server apart.
static NEXT: AtomicU32 = AtomicU32::new(0);

async fn server() -> String {
    if let Ok(url) = std::env::var("DYNAMODB_LOCAL_URL") {
        return url;
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let database = dynoxide::Database::memory().unwrap();
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    url
}

fn client(url: &str) -> Client {
    let config = Config::builder()
        .behavior_version_latest()
        .endpoint_url(url)
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .build();
    Client::from_conf(config)
}

async fn create(client: &Client, table: &str) {
    let key = KeySchemaElement::builder()
        .attribute_name("pk")
        .key_type(KeyType::Hash);
    let attribute = AttributeDefinition::builder()
        .attribute_name("pk")
        .attribute_type(ScalarAttributeType::S);
    client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key.build().unwrap())
        .attribute_definitions(attribute.build().unwrap())
        .send()
        .await
        .unwrap();
}

/// A store with empty tables.
pub(crate) async fn store() -> DynamoStore<MemoryBlobs> {
    open().await.0
}

/// The same, with a way around it to its mirror.
pub(crate) async fn open() -> (DynamoStore<MemoryBlobs>, Client, String) {
    let url = server().await;
    let run = format!(
        "{}-{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let tables = Tables {
        mirror: format!("mirror-{run}"),
        events: format!("events-{run}"),
        retention_days: 35,
    };
    let client = client(&url);
    create(&client, &tables.mirror).await;
    create(&client, &tables.events).await;
    let aws = Aws::at(&url, "us-east-1").await;
    let mirror = tables.mirror.clone();
    (
        DynamoStore::new(&aws, tables, MemoryBlobs::default()),
        client,
        mirror,
    )
}
