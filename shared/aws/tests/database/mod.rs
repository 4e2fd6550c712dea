//! A real DynamoDB engine for a test: dynoxide in this process, or DynamoDB Local
//! where `DYNAMODB_LOCAL_URL` says that one runs (`make contract`).

#![allow(clippy::unwrap_used, dead_code, reason = "no test uses all of it")]

mod engine;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Credentials, SharedHttpClient};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
    KeyType, Projection, ProjectionType, ScalarAttributeType,
};
use tributary_aws::reconcile::{DynamoControl, DynamoFindings};
use tributary_aws::store::Tables;
use tributary_aws::{Aws, ControlTable, DynamoLedger, DynamoMatches, DynamoOwnBook, DynamoStore};
use tributary_domain::ObjectKey;
use tributary_testkit::MemoryBlobs;

/// Keeps the tables of tests that share a server apart.
static NEXT: AtomicU32 = AtomicU32::new(0);

fn local() -> ConfigLoader {
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
}

async fn config() -> SdkConfig {
    let config = local();
    let config = match std::env::var("DYNAMODB_LOCAL_URL") {
        Ok(url) => config.endpoint_url(url),
        Err(_) => config.http_client(engine::client()),
    };
    config.load().await
}

async fn create(client: &Client, table: &str, keys: &[(&str, KeyType)]) {
    create_with(client, table, keys, None).await;
}

/// A table with an index whose keys have these names.
async fn create_with(
    client: &Client,
    table: &str,
    keys: &[(&str, KeyType)],
    index: Option<(&str, [(&str, KeyType); 2])>,
) {
    let mut call = client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest);
    let element = |name: &str, kind: &KeyType| {
        let key = KeySchemaElement::builder().attribute_name(name);
        key.key_type(kind.clone()).build().unwrap()
    };
    let defined = |name: &str| {
        let attribute = AttributeDefinition::builder().attribute_name(name);
        let attribute = attribute.attribute_type(ScalarAttributeType::S);
        attribute.build().unwrap()
    };
    for (name, kind) in keys {
        call = call.key_schema(element(name, kind));
        call = call.attribute_definitions(defined(name));
    }
    if let Some((name, keys)) = index {
        let all = Projection::builder().projection_type(ProjectionType::All);
        let mut index = GlobalSecondaryIndex::builder().index_name(name);
        for (name, kind) in &keys {
            index = index.key_schema(element(name, kind));
            call = call.attribute_definitions(defined(name));
        }
        let index = index.projection(all.build()).build().unwrap();
        call = call.global_secondary_indexes(index);
    }
    call.send().await.unwrap();
}

/// A name that no other table has.
fn table(kind: &str) -> String {
    let run = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{kind}-{}-{run}", std::process::id())
}

/// A ledger with an empty table, and the way around it.
pub(crate) struct LedgerTable {
    pub(crate) ledger: DynamoLedger,
    client: Client,
    table: String,
}

impl LedgerTable {
    pub(crate) async fn open() -> Self {
        let (config, table) = (config().await, table("ledger"));
        let client = Client::new(&config);
        let keys = [("pk", KeyType::Hash), ("sk", KeyType::Range)];
        let index = [("shelf", KeyType::Hash), ("place", KeyType::Range)];
        create_with(&client, &table, &keys, Some(("payouts", index))).await;
        let ledger = DynamoLedger::new(&Aws::from(config), table.clone());
        Self {
            ledger,
            client,
            table,
        }
    }

    fn key(pk: &str, sk: &str) -> Item {
        let s = |text: &str| AttributeValue::S(text.to_owned());
        Item::from([("pk".to_owned(), s(pk)), ("sk".to_owned(), s(sk))])
    }

    /// Deletes an item, as nothing of ours does.
    pub(crate) async fn remove(&self, pk: &str, sk: &str) {
        let delete = self.client.delete_item().table_name(&self.table);
        delete
            .set_key(Some(Self::key(pk, sk)))
            .send()
            .await
            .unwrap();
    }

    /// Puts bytes that mean nothing in the place of an item's text.
    pub(crate) async fn damage(&self, pk: &str, sk: &str) {
        let mut item = Self::key(pk, sk);
        item.insert("text".to_owned(), AttributeValue::B(Blob::new([9, 9, 9])));
        let put = self.client.put_item().table_name(&self.table);
        put.set_item(Some(item)).send().await.unwrap();
    }

    /// The items as they are.
    pub(crate) async fn items(&self) -> Vec<Item> {
        let scan = self.client.scan().table_name(&self.table);
        let pages = scan.into_paginator().items().send();
        pages.try_collect().await.unwrap()
    }

    /// A new table with these items and nothing else, as a restore makes it.
    pub(crate) async fn restored(items: Vec<Item>) -> Self {
        let new = Self::open().await;
        for item in items {
            let put = new.client.put_item().table_name(&new.table);
            put.set_item(Some(item)).send().await.unwrap();
        }
        new
    }
}

/// What reconciliation keeps, with empty tables.
pub(crate) struct Reconciliation {
    pub(crate) control: DynamoControl,
    pub(crate) findings: DynamoFindings,
}

impl Reconciliation {
    pub(crate) async fn open() -> Self {
        let (config, control, findings) = (config().await, table("leases"), table("findings"));
        let client = Client::new(&config);
        create(&client, &control, &[("pk", KeyType::Hash)]).await;
        let keys = [("pk", KeyType::Hash), ("sk", KeyType::Range)];
        let open = ("open", [("open", KeyType::Hash), ("rank", KeyType::Range)]);
        create_with(&client, &findings, &keys, Some(open)).await;
        let aws = Aws::from(config);
        Self {
            control: DynamoControl::new(&aws, control, findings.clone()),
            findings: DynamoFindings::new(&aws, findings),
        }
    }
}

/// The platform's own book and its matches, with empty tables.
pub(crate) struct OwnBookTables {
    pub(crate) own_book: DynamoOwnBook,
    pub(crate) matches: DynamoMatches,
}

impl OwnBookTables {
    pub(crate) async fn open() -> Self {
        let (config, own_book, matches) = (config().await, table("own-book"), table("matches"));
        let client = Client::new(&config);
        let keys = [("pk", KeyType::Hash), ("sk", KeyType::Range)];
        create(&client, &own_book, &keys).await;
        create(&client, &matches, &keys).await;
        let aws = Aws::from(config);
        Self {
            own_book: DynamoOwnBook::new(&aws, own_book),
            matches: DynamoMatches::new(&aws, matches),
        }
    }
}

/// A store with empty tables, and the way around it.
pub(crate) struct Database {
    pub(crate) store: DynamoStore<MemoryBlobs>,
    client: Client,
    mirror: String,
    events: String,
}

/// A control table, and the way around it.
pub(crate) struct Control {
    pub(crate) table: ControlTable,
    client: Client,
    name: String,
}

impl Control {
    pub(crate) async fn open() -> Self {
        let run = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("control-{}-{run}", std::process::id());
        let config = config().await;
        let client = Client::new(&config);
        create(&client, &name, &[("pk", KeyType::Hash)]).await;
        Self {
            table: ControlTable::new(&Aws::from(config), name.clone()),
            client,
            name,
        }
    }

    /// Puts an item as no version here would.
    pub(crate) async fn put_other(&self, key: &str) {
        let put = self.client.put_item().table_name(&self.name);
        let put = put.item("pk", AttributeValue::S(key.to_owned()));
        let put = put.item("text", AttributeValue::B(Blob::new([9, 9, 9])));
        put.send().await.unwrap();
    }
}

/// An item of a table.
pub(crate) type Item = HashMap<String, AttributeValue>;

impl Database {
    pub(crate) async fn open() -> Self {
        Self::on(config().await).await
    }

    /// The same, in this process, with something before it.
    pub(crate) async fn open_through(
        wrap: impl FnOnce(SharedHttpClient) -> SharedHttpClient,
    ) -> Self {
        let config = local().http_client(wrap(engine::client()));
        Self::on(config.load().await).await
    }

    async fn on(config: SdkConfig) -> Self {
        let tables = Tables {
            mirror: table("mirror"),
            events: table("events"),
            retention_days: 35,
        };
        let client = Client::new(&config);
        let key = [("pk", KeyType::Hash)];
        create(&client, &tables.mirror, &key).await;
        create(&client, &tables.events, &key).await;
        let (mirror, events) = (tables.mirror.clone(), tables.events.clone());
        let store = DynamoStore::new(&Aws::from(config), tables, MemoryBlobs::default());
        Self {
            store,
            client,
            mirror,
            events,
        }
    }

    /// Puts a row as it is.
    pub(crate) async fn put_row(&self, item: Item) {
        self.put(&self.mirror, item).await;
    }

    /// Puts a receipt as it is.
    pub(crate) async fn put_receipt(&self, item: Item) {
        self.put(&self.events, item).await;
    }

    async fn put(&self, table: &str, item: Item) {
        let put = self.client.put_item().table_name(table);
        put.set_item(Some(item)).send().await.unwrap();
    }

    /// The rows as they are.
    pub(crate) async fn rows(&self) -> Vec<Item> {
        let scan = self.client.scan().table_name(&self.mirror);
        scan.send().await.unwrap().items.unwrap_or_default()
    }

    /// Makes a row that exists unreadable.
    pub(crate) async fn damage(&self, object: &ObjectKey) {
        self.client
            .update_item()
            .table_name(&self.mirror)
            .key("pk", AttributeValue::S(object.to_string()))
            .update_expression("SET #text = :damage")
            .expression_attribute_names("#text", "text")
            .expression_attribute_values(":damage", AttributeValue::B(Blob::new([9, 9, 9])))
            .send()
            .await
            .unwrap();
    }
}
