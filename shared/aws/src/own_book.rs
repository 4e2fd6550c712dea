//! The platform's own book in DynamoDB, and the bucket in which files of it are
//! dropped.
//!
//! A page of entries is one item under its account, an import that counts one under
//! its mode: a table of its own, so that who may import may not touch the ledger.

use std::collections::{BTreeSet, HashMap};
use std::ops::RangeInclusive;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use aws_sdk_s3::primitives::ByteStream;
use tributary_domain::{Mode, Owner};
use tributary_pipeline::own_book::{
    Committed, Dropped, Files, ImportId, Month, OwnBook, Page, Pieces,
};
use tributary_pipeline::ports::SendError;

use crate::Aws;
use crate::codec::{Text, pack, unpack};
use crate::reaction::send_error;

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
        month: Month::parse(month),
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
        item.insert("source".to_owned(), s(&import.source));
        item.insert("summary".to_owned(), s(summary));
        self.put_item(item).await
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
        let mut found = BTreeSet::new();
        let all: Vec<_> = imports.iter().collect();
        for some in all.chunks(KEYS_MAX) {
            let mut keys: Vec<_> = some.iter().map(|import| import_key(mode, import)).collect();
            for _ in 0..ROUNDS_MAX {
                keys = self.look_up(keys, &mut found).await?;
                if keys.is_empty() {
                    break;
                }
            }
            if !keys.is_empty() {
                return Err(SendError::Transient(
                    "BatchGetItem: keys were left out".to_owned(),
                ));
            }
        }
        Ok(found)
    }
}

impl DynamoOwnBook {
    /// Adds the imports that are there, and gives back the keys that were left out.
    async fn look_up(
        &self,
        keys: Vec<Item>,
        found: &mut BTreeSet<ImportId>,
    ) -> Result<Vec<Item>, SendError> {
        let asked = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .projection_expression("pk")
            .consistent_read(true)
            .build()
            .map_err(|_| damaged())?;
        let get = self
            .client
            .batch_get_item()
            .request_items(&self.table, asked);
        let answer = Box::pin(get.send()).await;
        let answer = answer.map_err(|error| send_error("BatchGetItem", &error))?;
        let items = answer
            .responses
            .into_iter()
            .flat_map(HashMap::into_values)
            .flatten();
        for item in items {
            let key = item
                .get("pk")
                .and_then(|value| value.as_s().ok())
                .ok_or_else(damaged)?;
            let id = key
                .rsplit('#')
                .next()
                .and_then(ImportId::parse)
                .ok_or_else(damaged)?;
            found.insert(id);
        }
        let left = answer
            .unprocessed_keys
            .into_iter()
            .flat_map(HashMap::into_values);
        Ok(left.flat_map(|left| left.keys).collect())
    }
}

/// The bucket.
#[derive(Debug, Clone)]
pub struct S3Files {
    client: aws_sdk_s3::Client,
    bucket: String,
}

impl S3Files {
    /// A bucket by name.
    pub fn new(aws: &Aws, bucket: String) -> Self {
        // As for the archive: path style is what the local stack understands.
        let local = aws.config.endpoint_url().is_some();
        let config = aws_sdk_s3::config::Builder::from(&aws.config).force_path_style(local);
        Self {
            client: aws_sdk_s3::Client::from_conf(config.build()),
            bucket,
        }
    }
}

/// A file that is being read.
#[derive(Debug)]
pub struct S3Pieces(ByteStream);

impl Pieces for S3Pieces {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, SendError> {
        let piece = self.0.try_next().await;
        let piece = piece.map_err(|_| SendError::Transient("GetObject: cut short".to_owned()))?;
        Ok(piece.map(|bytes| bytes.to_vec()))
    }
}

impl Files for S3Files {
    type Pieces = S3Pieces;

    async fn open(&self, file: &Dropped) -> Result<Option<S3Pieces>, SendError> {
        let get = self.client.get_object().bucket(&self.bucket).key(&file.key);
        match Box::pin(get.if_match(&file.etag).send()).await {
            Ok(object) => Ok(Some(S3Pieces(object.body))),
            Err(error) => {
                let status = error
                    .raw_response()
                    .map(|response| response.status().as_u16());
                // Not there any more, or another version is.
                if matches!(status, Some(404 | 412)) {
                    return Ok(None);
                }
                Err(send_error("GetObject", &error))
            }
        }
    }

    async fn put(&self, key: &str, text: String) -> Result<(), SendError> {
        let put = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type("text/csv");
        let answer = Box::pin(put.body(ByteStream::from(text.into_bytes())).send()).await;
        answer.map_err(|error| send_error("PutObject", &error))?;
        Ok(())
    }
}
