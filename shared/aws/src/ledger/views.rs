//! What people look at: the views of months, the shelves of payouts, and what is
//! expected of both.
//!
//! A month's views of one mode are under one hash key, by owner: of all of them in one
//! query, of one in one read. Each is written in the transaction that counts a page,
//! behind a call of Stripe's list; Stripe's limit of a hundred calls a second keeps
//! that key far below what a partition takes.

use std::collections::BTreeMap;

use tributary_domain::{Mode, Owner};
use tributary_ledger::views::{Expected, Month, MonthView, Shelf};
use tributary_ledger::{Book, Fact};
use tributary_pipeline::ledger::{LedgerError, Views};
use tributary_pipeline::reconcile::{Shelved, UnderWay};

use super::items::{self, KEY, PLACE, RANGE, SHELF, s};
use super::{DynamoLedger, Item};
use crate::reaction::ledger_error;

/// The index of what is on a shelf: payouts most of all.
const PAYOUTS: &str = "payouts";
/// Objects on one page of a shelf.
const SHELVED_MAX: i32 = 500;
/// Before every place: no key may be empty, and none begins with a space.
const BEFORE_ALL: &str = " ";
/// The item that says what is expected, and its attribute with the JSON.
const EXPECTED: &str = "expected";
const JSON: &str = "json";

fn month_key(book: &Book, month: &Month) -> Item {
    items::key(months_of(book.mode, month), book.owner.as_str())
}

fn months_of(mode: Mode, month: &Month) -> String {
    format!("month#{}#{month}", mode.as_str())
}

fn expected_key() -> Item {
    items::key(EXPECTED.to_owned(), "current")
}

pub(super) fn month(book: &Book, month: &Month, view: &MonthView) -> Result<Item, LedgerError> {
    items::with_text(month_key(book, month), view)
}

impl DynamoLedger {
    pub(super) async fn load_months(
        &self,
        book: &Book,
        months: &[Month],
    ) -> Result<BTreeMap<Month, MonthView>, LedgerError> {
        let keys = months.iter().map(|month| month_key(book, month)).collect();
        let mut found = BTreeMap::new();
        for item in self.get_all(keys, None).await? {
            let month = items::text(&item, KEY)?.rsplit_once('#');
            let month = month.and_then(|(_, month)| Month::parse(month).ok());
            let month = month.ok_or_else(|| items::damaged(KEY))?;
            found.insert(month, items::read(&item)?);
        }
        Ok(found)
    }

    pub(super) async fn load_expected(&self) -> Result<Expected, LedgerError> {
        let Some(item) = self.get(expected_key()).await? else {
            return Ok(Expected::default());
        };
        Expected::parse(items::text(&item, JSON)?)
            .map_err(|error| LedgerError::Invalid(format!("what is expected: {error}")))
    }

    /// What people wrote of fees and rates, as they wrote it; `None` if they have not.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn expected_text(&self) -> Result<Option<String>, LedgerError> {
        let item = self.get(expected_key()).await?;
        let text = item.map(|item| items::text(&item, JSON).map(str::to_owned));
        text.transpose()
    }

    /// Keeps what people wrote of fees and rates: it counts for what is booked from now
    /// on. Answers what it says.
    ///
    /// # Errors
    /// When it is of no use (then nothing changes), or the table does not answer.
    pub async fn expect(&self, text: &str) -> Result<Expected, LedgerError> {
        let expected =
            Expected::parse(text).map_err(|error| LedgerError::Invalid(error.to_string()))?;
        let mut item = expected_key();
        item.insert(JSON.to_owned(), s(text));
        self.put(item).await?;
        Ok(expected)
    }

    async fn query_shelf(
        &self,
        shelf: String,
        owner: Option<&Owner>,
    ) -> Result<Vec<Item>, LedgerError> {
        let (mut items, mut from) = (Vec::new(), None);
        loop {
            let call = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(PAYOUTS)
                .expression_attribute_names("#shelf", SHELF)
                .expression_attribute_values(":shelf", s(&shelf));
            let call = match owner {
                None => call.key_condition_expression("#shelf = :shelf"),
                Some(owner) => call
                    .key_condition_expression("#shelf = :shelf AND begins_with(#place, :owner)")
                    .expression_attribute_names("#place", PLACE)
                    .expression_attribute_values(":owner", s(format!("{}#", owner.as_str()))),
            };
            let answer = Box::pin(call.set_exclusive_start_key(from).send()).await;
            let page = answer.map_err(|error| ledger_error("Query", &error))?;
            items.extend(page.items.unwrap_or_default());
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(items);
            }
        }
    }
}

fn book_of(mode: Mode, owner: &str) -> Option<Book> {
    let owner = Owner::parse(owner).ok()?;
    Some(Book { mode, owner })
}

/// What an item on a shelf tells, and of whose payout.
fn told(mode: Mode, item: &Item) -> Result<(Book, Fact), LedgerError> {
    let place = items::text(item, PLACE)?.split_once('#');
    let book = place.and_then(|(owner, _)| book_of(mode, owner));
    let book = book.ok_or_else(|| items::damaged(PLACE))?;
    Ok((book, items::read(item)?))
}

impl Views for DynamoLedger {
    async fn month(
        &self,
        mode: Mode,
        month: &Month,
        owner: Option<&Owner>,
    ) -> Result<BTreeMap<Book, MonthView>, LedgerError> {
        let found = match owner {
            None => self.query(&months_of(mode, month)).await?,
            Some(owner) => {
                let owner = owner.clone();
                let one = self.get(month_key(&Book { mode, owner }, month)).await?;
                one.into_iter().collect()
            }
        };
        let view = |item: &Item| {
            let book = book_of(mode, items::text(item, RANGE)?);
            let book = book.ok_or_else(|| items::damaged(RANGE))?;
            Ok((book, items::read(item)?))
        };
        found.iter().map(view).collect()
    }

    async fn payouts(
        &self,
        mode: Mode,
        shelf: &Shelf,
        owner: Option<&Owner>,
    ) -> Result<Vec<(Book, Fact)>, LedgerError> {
        let found = self
            .query_shelf(items::shelf_of(mode, shelf), owner)
            .await?;
        found.iter().map(|item| told(mode, item)).collect()
    }
}

impl UnderWay for DynamoLedger {
    async fn under_way(
        &self,
        mode: Mode,
        shelf: &Shelf,
        after: Option<&str>,
    ) -> Result<Shelved, LedgerError> {
        let call = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(PAYOUTS)
            // A place on a shelf is taken once: the page after a place follows it.
            .key_condition_expression("#shelf = :shelf AND #place > :after")
            .expression_attribute_names("#shelf", SHELF)
            .expression_attribute_names("#place", PLACE)
            .expression_attribute_values(":shelf", s(items::shelf_of(mode, shelf)))
            .expression_attribute_values(":after", s(after.unwrap_or(BEFORE_ALL)))
            .limit(SHELVED_MAX);
        let answer = Box::pin(call.send()).await;
        let page = answer.map_err(|error| ledger_error("Query", &error))?;
        let items = page.items.unwrap_or_default();
        let last = page.last_evaluated_key.as_ref().and(items.last());
        let next = last.map(|item| items::text(item, PLACE).map(str::to_owned));
        let facts: Result<_, _> = items.iter().map(|item| told(mode, item)).collect();
        Ok(Shelved {
            facts: facts?,
            next: next.transpose()?,
        })
    }
}
