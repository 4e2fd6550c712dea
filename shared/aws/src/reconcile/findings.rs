//! The findings.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use tributary_domain::Mode;
use tributary_ledger::Book;
use tributary_pipeline::reconcile::{ControlError, Findings, Stored, Waiting};
use tributary_reconciliation::{Code, Finding, State};

use super::{Item, REVISION, TEXT, n, put_over, read, revision, s, write};
use crate::Aws;
use crate::reaction::control_error;

/// The index of open findings, and its hash key, which only open ones have: the mode.
/// Its range key puts what has most at stake last.
const OPEN: &str = "open";
const RANK: &str = "rank";
/// Most keys of one `BatchGetItem`.
const KEYS_MAX: usize = 100;
/// Rounds for keys that DynamoDB left unread.
const ROUNDS_MAX: u32 = 5;
/// Digits of the largest stake.
const STAKE_DIGITS: usize = 20;

/// Most pages that are read of open findings, a megabyte each, to count what waits for a
/// person or to look for a code. The exact number of many thousands helps nobody.
const WAITING_PAGES_MAX: usize = 20;

/// The findings.
#[derive(Debug, Clone)]
pub struct DynamoFindings {
    client: Client,
    table: String,
}

impl DynamoFindings {
    /// A table by name.
    pub fn new(aws: &Aws, table: String) -> Self {
        let client = Client::new(&aws.config);
        Self { client, table }
    }

    /// All open findings of a mode, most at stake first: one query of the index, which
    /// may be a moment behind.
    ///
    /// # Errors
    /// When the table does not answer, or an item cannot be read.
    pub async fn all_open(&self, mode: Mode) -> Result<Vec<Finding>, ControlError> {
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let (mut page, next) = self.open_page(mode, start).await?;
            found.append(&mut page);
            start = next;
            if start.is_none() {
                return Ok(found);
            }
        }
    }

    /// A page of the open findings of a mode, and where the next one starts.
    async fn open_page(
        &self,
        mode: Mode,
        start: Option<Item>,
    ) -> Result<(Vec<Finding>, Option<Item>), ControlError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(OPEN)
            .key_condition_expression("#open = :mode")
            .expression_attribute_names("#open", OPEN)
            .expression_attribute_values(":mode", s(mode.as_str()))
            .scan_index_forward(false)
            .set_exclusive_start_key(start);
        let answer = Box::pin(query.send()).await;
        let answer = answer.map_err(|error| control_error("Query", &error))?;
        let items = answer.items.unwrap_or_default();
        let page: Result<Vec<Finding>, _> = items.iter().map(read).collect();
        Ok((page?, answer.last_evaluated_key))
    }

    /// Every finding, settled ones included: for audits, never for a function.
    ///
    /// # Errors
    /// When the table does not answer, or an item cannot be read.
    pub async fn all(&self) -> Result<Vec<Finding>, ControlError> {
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let scan = self
                .client
                .scan()
                .table_name(&self.table)
                .filter_expression("attribute_exists(code)")
                .set_exclusive_start_key(start);
            let answer = Box::pin(scan.send()).await;
            let answer = answer.map_err(|error| control_error("Scan", &error))?;
            for item in answer.items.unwrap_or_default() {
                found.push(read(&item)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(found);
            }
        }
    }

    /// All findings of a book, however they stand: one query.
    ///
    /// # Errors
    /// When the table does not answer, or an item cannot be read.
    pub async fn all_of(&self, book: &Book) -> Result<Vec<Finding>, ControlError> {
        let (mut found, mut start) = (Vec::new(), None);
        loop {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :book")
                .expression_attribute_values(":book", s(book.to_string()))
                .consistent_read(true)
                .set_exclusive_start_key(start);
            let answer = Box::pin(query.send()).await;
            let answer = answer.map_err(|error| control_error("Query", &error))?;
            for item in answer.items.unwrap_or_default() {
                found.push(read(&item)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(found);
            }
        }
    }

    /// Findings of a book by their keys, as far as there are any: a request for a
    /// hundred.
    ///
    /// # Errors
    /// When the table does not answer, or an item cannot be read.
    pub async fn look_up(
        &self,
        book: &Book,
        keys: &[String],
    ) -> Result<Vec<Finding>, ControlError> {
        let mut found = Vec::new();
        for chunk in keys.chunks(KEYS_MAX) {
            let keys = chunk.iter().map(|key| {
                Item::from([
                    ("pk".to_owned(), s(book.to_string())),
                    ("sk".to_owned(), s(key)),
                ])
            });
            let wanted = KeysAndAttributes::builder()
                .set_keys(Some(keys.collect()))
                .consistent_read(true)
                .build()
                .map_err(|error| ControlError::Invalid(error.to_string()))?;
            let wanted = HashMap::from([(self.table.clone(), wanted)]);
            for item in self.get_all(wanted).await? {
                found.push(read(&item)?);
            }
        }
        Ok(found)
    }

    async fn get_all(
        &self,
        mut wanted: HashMap<String, KeysAndAttributes>,
    ) -> Result<Vec<Item>, ControlError> {
        let mut found = Vec::new();
        for round in 0..ROUNDS_MAX {
            let call = self.client.batch_get_item();
            let answer = Box::pin(call.set_request_items(Some(wanted)).send()).await;
            let answer = answer.map_err(|error| control_error("BatchGetItem", &error))?;
            found.extend(answer.responses.unwrap_or_default().into_values().flatten());
            wanted = answer.unprocessed_keys.unwrap_or_default();
            if wanted.is_empty() {
                return Ok(found);
            }
            tokio::time::sleep(Duration::from_millis(50 << round)).await;
        }
        let unread = "BatchGetItem: keys were left unread".to_owned();
        Err(ControlError::Transient(unread))
    }

    async fn get(&self, book: &Book, key: &str) -> Result<Option<Item>, ControlError> {
        let call = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", s(book.to_string()))
            .key("sk", s(key))
            .consistent_read(true);
        let answer = Box::pin(call.send()).await;
        Ok(answer
            .map_err(|error| control_error("GetItem", &error))?
            .item)
    }
}

impl Findings for DynamoFindings {
    async fn load(
        &self,
        book: &Book,
        keys: &[String],
    ) -> Result<BTreeMap<String, Stored>, ControlError> {
        let mut found = BTreeMap::new();
        for key in keys {
            if let Some(item) = self.get(book, key).await? {
                found.insert(key.clone(), (read(&item)?, revision(&item)));
            }
        }
        Ok(found)
    }

    async fn open(&self, book: &Book) -> Result<Vec<Stored>, ControlError> {
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :book")
                .filter_expression("attribute_exists(#open)")
                .expression_attribute_names("#open", OPEN)
                .expression_attribute_values(":book", s(book.to_string()))
                .consistent_read(true)
                .set_exclusive_start_key(start);
            let answer = Box::pin(query.send()).await;
            let answer = answer.map_err(|error| control_error("Query", &error))?;
            for item in answer.items.unwrap_or_default() {
                found.push((read(&item)?, revision(&item)));
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(found);
            }
        }
    }

    async fn waiting(&self, mode: Mode) -> Result<Waiting, ControlError> {
        let (mut waiting, mut start) = (Waiting::default(), None);
        for _ in 0..WAITING_PAGES_MAX {
            let (page, next) = self.open_page(mode, start).await?;
            page.iter().for_each(|finding| waiting.count(finding));
            start = next;
            if start.is_none() {
                break;
            }
        }
        Ok(waiting)
    }

    async fn books_with(&self, mode: Mode, code: Code) -> Result<BTreeSet<Book>, ControlError> {
        let (mut books, mut start) = (BTreeSet::new(), None);
        for _ in 0..WAITING_PAGES_MAX {
            let (page, next) = self.open_page(mode, start).await?;
            let of_code = page.into_iter().filter(|finding| finding.code == code);
            books.extend(of_code.map(|finding| finding.book));
            start = next;
            if start.is_none() {
                break;
            }
        }
        Ok(books)
    }

    async fn save(&self, finding: &Finding, before: u64) -> Result<(), ControlError> {
        let item = item(finding, before.saturating_add(1))?;
        put_over(&self.client, &self.table, item, before).await
    }
}

fn item(finding: &Finding, revision: u64) -> Result<Item, ControlError> {
    let mut item = Item::from([
        ("pk".to_owned(), s(finding.book.to_string())),
        ("sk".to_owned(), s(finding.key())),
        (TEXT.to_owned(), write(finding)?),
        (REVISION.to_owned(), n(revision)),
        ("state".to_owned(), s(finding.state.as_str())),
        ("code".to_owned(), s(finding.code.as_str())),
    ]);
    if finding.state == State::Open {
        let stake = finding.stake.amount;
        item.insert(OPEN.to_owned(), s(finding.book.mode.as_str()));
        item.insert(RANK.to_owned(), s(format!("{stake:0>STAKE_DIGITS$}")));
    }
    Ok(item)
}
