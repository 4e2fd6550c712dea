//! The ledger in DynamoDB: one table, hash key `pk`, range key `sk`.
//!
//! What one object moved is under one hash key, so that its whole story is one query
//! and no account is a hot partition, however large. What every worker on a book
//! agrees by is one item.

pub(crate) mod items;
mod paid_out;
mod read;
mod stories;
mod view;
mod views;
mod whole;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use futures_util::{StreamExt, TryStreamExt, stream};
use tributary_domain::ObjectId;
use tributary_ledger::views::{Expected, Month, MonthView};
use tributary_ledger::{Book, Day, Entry, EntryKey};
use tributary_pipeline::ledger::{BookState, Commit, Filed, Ledger, LedgerError, PageName, Totals};

use crate::Aws;
use crate::reaction::ledger_error;

pub use view::{BookView, Trace};

/// An item of the table.
pub(crate) type Item = std::collections::HashMap<String, AttributeValue>;

/// Items written side by side.
const SIDE_BY_SIDE: usize = 16;
/// There is nothing under the key.
const ABSENT: &str = "attribute_not_exists(pk)";

/// The ledger.
#[derive(Debug, Clone)]
pub struct DynamoLedger {
    client: Client,
    table: String,
}

impl DynamoLedger {
    /// A table by name.
    pub fn new(aws: &Aws, table: String) -> Self {
        Self {
            client: Client::new(&aws.config),
            table,
        }
    }

    /// Puts an item where there is none. Answers whether there was none.
    async fn put_if_absent(&self, item: Item) -> Result<bool, LedgerError> {
        let put = self.client.put_item().table_name(&self.table);
        let put = put.set_item(Some(item)).condition_expression(ABSENT);
        match Box::pin(put.send()).await {
            Ok(_) => Ok(true),
            Err(error) if is_taken(&error) => Ok(false),
            Err(error) => Err(ledger_error("PutItem", &error)),
        }
    }

    async fn put(&self, item: Item) -> Result<(), LedgerError> {
        let put = self.client.put_item().table_name(&self.table);
        let answer = Box::pin(put.set_item(Some(item)).send()).await;
        answer.map_err(|error| ledger_error("PutItem", &error))?;
        Ok(())
    }

    /// Puts the state alone: half the price of a transaction.
    async fn put_state(&self, item: Item, before: u64) -> Result<(), LedgerError> {
        let put = self.client.put_item().table_name(&self.table);
        let put = put.set_item(Some(item));
        let put = match before {
            0 => put.condition_expression(ABSENT),
            before => put
                .condition_expression("seq = :before")
                .expression_attribute_values(":before", items::n(before)),
        };
        match Box::pin(put.send()).await {
            Ok(_) => Ok(()),
            Err(error) if is_taken(&error) => Err(LedgerError::Conflict),
            Err(error) => Err(ledger_error("PutItem", &error)),
        }
    }

    async fn put_all(
        &self,
        state: Item,
        before: u64,
        others: Vec<Item>,
    ) -> Result<(), LedgerError> {
        let unbuilt = |_| LedgerError::Invalid("a transaction that cannot be built".to_owned());
        let put = || Put::builder().table_name(&self.table);
        let first = put().set_item(Some(state));
        let first = match before {
            0 => first.condition_expression(ABSENT),
            before => first
                .condition_expression("seq = :before")
                .expression_attribute_values(":before", items::n(before)),
        };
        let others = others.into_iter().map(|item| put().set_item(Some(item)));
        let mut writes = Vec::new();
        for put in std::iter::once(first).chain(others) {
            let put = put.build().map_err(unbuilt)?;
            writes.push(TransactWriteItem::builder().put(put).build());
        }
        let call = self.client.transact_write_items();
        match Box::pin(call.set_transact_items(Some(writes)).send()).await {
            Ok(_) => Ok(()),
            Err(error) if is_overtaken(&error) => Err(LedgerError::Conflict),
            Err(error) => Err(ledger_error("TransactWriteItems", &error)),
        }
    }
}

fn is_taken(error: &SdkError<PutItemError, HttpResponse>) -> bool {
    let service = error.as_service_error();
    service.is_some_and(PutItemError::is_conditional_check_failed_exception)
}

/// Whether another worker was first: it has written, or is writing just now.
fn is_overtaken(error: &SdkError<TransactWriteItemsError, HttpResponse>) -> bool {
    let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) =
        error.as_service_error()
    else {
        return false;
    };
    let codes = canceled.cancellation_reasons().iter();
    codes
        .filter_map(|reason| reason.code())
        .any(|code| matches!(code, "ConditionalCheckFailed" | "TransactionConflict"))
}

impl Ledger for DynamoLedger {
    async fn state(&self, book: &Book) -> Result<BookState, LedgerError> {
        match self.get(items::state_key(book)).await? {
            Some(item) => items::read(&item),
            None => Ok(BookState::default()),
        }
    }

    async fn present(
        &self,
        _: &Book,
        keys: &[EntryKey],
    ) -> Result<BTreeSet<ObjectId>, LedgerError> {
        let wanted = keys.iter().map(items::entry_key).collect();
        let found = self.get_all(wanted, Some("sk")).await?;
        found.iter().map(items::transaction_of).collect()
    }

    async fn totals(
        &self,
        book: &Book,
        days: &[Day],
    ) -> Result<BTreeMap<Day, Totals>, LedgerError> {
        let wanted = days.iter().map(|day| items::totals_key(book, *day));
        let found = self.get_all(wanted.collect(), None).await?;
        found.iter().map(items::totals_of).collect()
    }

    async fn months(
        &self,
        book: &Book,
        months: &[Month],
    ) -> Result<BTreeMap<Month, MonthView>, LedgerError> {
        self.load_months(book, months).await
    }

    async fn expected(&self) -> Result<Expected, LedgerError> {
        self.load_expected().await
    }

    async fn commit(&self, book: &Book, commit: &Commit) -> Result<(), LedgerError> {
        let state = items::state(book, &commit.state)?;
        let before = commit.state.seq.saturating_sub(1);
        let mut others = Vec::new();
        for (day, filed) in &commit.filed {
            others.push(items::filed(book, *day, commit.page(), filed)?);
        }
        for (day, totals) in &commit.closed {
            others.push(items::totals(book, *day, totals)?);
        }
        for (month, view) in &commit.months {
            others.push(views::month(book, month, view)?);
        }
        let answer = match others.as_slice() {
            [] => self.put_state(state, before).await,
            _ => self.put_all(state, before, others).await,
        };
        match answer {
            // A write whose answer was lost is repeated by the SDK and then meets
            // itself: that is success.
            Err(LedgerError::Conflict) if self.state(book).await? == commit.state => Ok(()),
            answer => answer,
        }
    }

    async fn filed(
        &self,
        book: &Book,
        day: Day,
        page: PageName,
    ) -> Result<Vec<Filed>, LedgerError> {
        let item = self.get(items::filed_key(book, day, page)).await?;
        item.map_or_else(|| Ok(Vec::new()), |item| items::filed_of(&item))
    }

    async fn filed_on(&self, book: &Book, day: Day) -> Result<Vec<Filed>, LedgerError> {
        self.movements(book, day).await
    }

    async fn post(&self, book: &Book, entries: &[Entry]) -> Result<(), LedgerError> {
        let mut members = BTreeSet::new();
        let mut put = Vec::with_capacity(entries.len());
        for entry in entries {
            let parent = entry.belongs_to();
            members.extend(parent.map(|parent| (parent.clone(), entry.key().source)));
            put.push(items::entry(entry)?);
        }
        let members: Vec<_> = members
            .iter()
            .map(|(parent, object)| items::member_key(book, parent, object))
            .collect();
        let members = stream::iter(members).map(|item| self.put(item));
        let members = members.buffer_unordered(SIDE_BY_SIDE);
        members.try_collect::<()>().await?;
        let put = stream::iter(put).map(|item| self.put_if_absent(item));
        let put = put.buffer_unordered(SIDE_BY_SIDE);
        put.try_for_each(async |_| Ok(())).await
    }
}
