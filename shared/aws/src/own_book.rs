//! The platform's own book in DynamoDB, and the bucket in which files of it are
//! dropped.
//!
//! A page of entries is one item under its account, an import that counts one of its
//! own, and so is which import of a file is the last: a table of its own, so that who
//! may import may not touch the ledger. What of it is matched is in another one, so that
//! who may match may not change the book.

mod files;
mod matches;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::RangeInclusive;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use tributary_domain::{Mode, Owner};
use tributary_pipeline::own_book::{Committed, ImportId, Month, OwnBook, Page};
use tributary_pipeline::ports::SendError;

use crate::Aws;
use crate::codec::{Text, pack, unpack};
use crate::reaction::send_error;

pub use files::{S3Files, S3Pieces};
pub use matches::DynamoMatches;

type Item = HashMap<String, AttributeValue>;

/// Keys that one request may ask for.
const KEYS_MAX: usize = 100;

/// Requests for what a batch left out.
const ROUNDS_MAX: usize = 8;

fn s(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn damaged() -> SendError {
    SendError::Invalid("an item of the own book cannot be read".to_owned())
}

/// The book.
#[derive(Debug, Clone)]
pub struct DynamoOwnBook {
    client: aws_sdk_dynamodb::Client,
    table: String,
}

impl DynamoOwnBook {
    /// A table by name.
    pub fn new(aws: &Aws, table: String) -> Self {
        Self {
            client: aws_sdk_dynamodb::Client::new(&aws.config),
            table,
        }
    }

    async fn put_item(&self, item: Item) -> Result<(), SendError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item));
        let answer = Box::pin(put.send()).await;
        answer.map_err(|error| send_error("PutItem", &error))?;
        Ok(())
    }
}

fn page_of(mode: Mode, account: &Owner, item: &Item) -> Result<Page, SendError> {
    let place = item
        .get("sk")
        .and_then(|value| value.as_s().ok())
        .ok_or_else(damaged)?;
    let mut parts = place.split('#');
    let (Some(month), Some(import), Some(number)) = (parts.next(), parts.next(), parts.next())
    else {
        return Err(damaged());
    };
    let packed = item
        .get("text")
        .and_then(|value| value.as_b().ok())
        .ok_or_else(damaged)?;
    let text = unpack(packed.as_ref()).map_err(|_| damaged())?;
    Ok(Page {
        mode,
        account: account.clone(),
        month: Month::parse(month).map_err(|_| damaged())?,
        import: ImportId::parse(import).ok_or_else(damaged)?,
        number: number.parse().map_err(|_| damaged())?,
        entries: serde_json::from_str(&text).map_err(|_| damaged())?,
    })
}

fn book_key(mode: Mode, account: &Owner) -> AttributeValue {
    s(format!("own#{}#{}", mode.as_str(), account.as_str()))
}

fn import_key(mode: Mode, import: &ImportId) -> Item {
    // Each import under a key of its own: events come many at a time.
    let pk = format!("import#{}#{}", mode.as_str(), import.as_str());
    Item::from([("pk".to_owned(), s(pk)), ("sk".to_owned(), s("committed"))])
}

/// Which import of a file is the last.
fn source_key(mode: Mode, source: &str) -> Item {
    let pk = format!("source#{}#{source}", mode.as_str());
    Item::from([("pk".to_owned(), s(pk)), ("sk".to_owned(), s("latest"))])
}

fn text<'i>(item: &'i Item, name: &str) -> Option<&'i str> {
    Some(item.get(name)?.as_s().ok()?.as_str())
}

impl OwnBook for DynamoOwnBook {
    async fn put(&self, page: &Page) -> Result<(), SendError> {
        let place = format!("{}#{}#{:06}", page.month, page.import.as_str(), page.number);
        let text = serde_json::to_string(&page.entries).map_err(|_| damaged())?;
        let packed = pack(Text::Ledger, &text);
        let packed = packed.map_err(|error| SendError::Transient(error.to_string()))?;
        let item = Item::from([
            ("pk".to_owned(), book_key(page.mode, &page.account)),
            ("sk".to_owned(), s(place)),
            ("text".to_owned(), AttributeValue::B(Blob::new(packed))),
        ]);
        self.put_item(item).await
    }

    async fn commit(&self, import: &Committed) -> Result<(), SendError> {
        let mut item = import_key(import.mode, &import.id);
        let summary = serde_json::to_string(&import.summary).map_err(|_| damaged())?;
        item.insert("summary".to_owned(), s(summary));
        let Some(source) = &import.source else {
            return self.put_item(item).await;
        };
        item.insert("source".to_owned(), s(source));
        self.put_item(item).await?;
        self.put_latest(import.mode, source, &import.id).await
    }

    async fn pages(
        &self,
        mode: Mode,
        account: &Owner,
        months: RangeInclusive<Month>,
    ) -> Result<Vec<Page>, SendError> {
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let query = self.client.query().table_name(&self.table);
            let query = query
                .consistent_read(true)
                .key_condition_expression("pk = :book AND sk BETWEEN :first AND :last")
                .expression_attribute_values(":book", book_key(mode, account))
                .expression_attribute_values(":first", s(months.start().to_string()))
                // What follows a month in a key is less than this.
                .expression_attribute_values(":last", s(format!("{}~", months.end())))
                .set_exclusive_start_key(after);
            let answer = Box::pin(query.send()).await;
            let answer = answer.map_err(|error| send_error("Query", &error))?;
            for item in answer.items() {
                pages.push(page_of(mode, account, item)?);
            }
            after = answer.last_evaluated_key;
            if after.is_none() {
                return Ok(pages);
            }
        }
    }

    async fn committed(
        &self,
        mode: Mode,
        imports: &BTreeSet<ImportId>,
    ) -> Result<BTreeSet<ImportId>, SendError> {
        let keys = imports.iter().map(|import| import_key(mode, import));
        let items = self.get_all(keys.collect()).await?;
        let mut found = BTreeMap::new();
        for item in &items {
            let id = text(item, "pk").and_then(|key| ImportId::parse(key.rsplit('#').next()?));
            found.insert(id.ok_or_else(damaged)?, text(item, "source"));
        }
        let sources: BTreeSet<_> = found.values().copied().flatten().collect();
        let keys = sources.iter().map(|source| source_key(mode, source));
        let latest = self.get_all(keys.collect()).await?;
        let latest: BTreeMap<_, _> = latest
            .iter()
            .filter_map(|item| Some((text(item, "source")?, text(item, "import")?)))
            .collect();
        let is_replaced = |id: &ImportId, source: Option<&str>| {
            let latest = source.and_then(|source| latest.get(source));
            latest.is_some_and(|latest| *latest > id.as_str())
        };
        let counting = found
            .iter()
            .filter(|(id, source)| !is_replaced(id, **source));
        Ok(counting.map(|(id, _)| id.clone()).collect())
    }
}

impl DynamoOwnBook {
    /// Notes the last import of a file, unless a later one is noted.
    async fn put_latest(&self, mode: Mode, source: &str, id: &ImportId) -> Result<(), SendError> {
        let mut item = source_key(mode, source);
        item.insert("source".to_owned(), s(source));
        item.insert("import".to_owned(), s(id.as_str()));
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR #import < :import")
            .expression_attribute_names("#import", "import")
            .expression_attribute_values(":import", s(id.as_str()));
        let Err(error) = Box::pin(put.send()).await else {
            return Ok(());
        };
        let service = error.as_service_error();
        if service.is_some_and(PutItemError::is_conditional_check_failed_exception) {
            return Ok(());
        }
        Err(send_error("PutItem", &error))
    }

    /// Those items that exist.
    async fn get_all(&self, keys: Vec<Item>) -> Result<Vec<Item>, SendError> {
        let mut found = Vec::new();
        for some in keys.chunks(KEYS_MAX) {
            let mut left = some.to_vec();
            for _ in 0..ROUNDS_MAX {
                left = self.look_up(left, &mut found).await?;
                if left.is_empty() {
                    break;
                }
            }
            if !left.is_empty() {
                let left_out = "BatchGetItem: keys were left out".to_owned();
                return Err(SendError::Transient(left_out));
            }
        }
        Ok(found)
    }

    /// Adds the items that are there, and gives back the keys that were left out.
    async fn look_up(
        &self,
        keys: Vec<Item>,
        found: &mut Vec<Item>,
    ) -> Result<Vec<Item>, SendError> {
        let asked = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .consistent_read(true)
            .build()
            .map_err(|_| damaged())?;
        let get = self
            .client
            .batch_get_item()
            .request_items(&self.table, asked);
        let answer = Box::pin(get.send()).await;
        let answer = answer.map_err(|error| send_error("BatchGetItem", &error))?;
        let items = answer.responses.into_iter();
        found.extend(items.flat_map(HashMap::into_values).flatten());
        let left = answer
            .unprocessed_keys
            .into_iter()
            .flat_map(HashMap::into_values);
        Ok(left.flat_map(|left| left.keys).collect())
    }
}
