//! The ledger as a whole: for rebuilds and comparisons, never for a function.

use std::collections::{BTreeMap, BTreeSet};

use tributary_domain::ObjectId;
use tributary_ledger::{Book, Day, Entry};
use tributary_pipeline::ledger::replay::Whole;
use tributary_pipeline::ledger::{Filed, LedgerError, Totals};

use super::items::{self, DERIVED, ENTRY, FACT, KEY, MEMBER, RANGE, TEXT};
use super::{DynamoLedger, Item, is_taken};
use crate::reaction::ledger_error;

/// The book and object that an item is kept under; `None` for items of other kinds.
fn place(item: &Item) -> Result<Option<(Book, ObjectId)>, LedgerError> {
    let range = items::text(item, RANGE)?;
    let is_kept = [ENTRY, DERIVED, MEMBER]
        .iter()
        .any(|of| range.starts_with(of))
        || range == FACT;
    if !is_kept {
        return Ok(None);
    }
    let key = items::text(item, KEY)?.rsplit_once('#');
    let place = key
        .and_then(|(book, object)| Some((Book::parse(book).ok()?, ObjectId::parse(object).ok()?)));
    place.map(Some).ok_or_else(|| items::damaged(KEY))
}

impl Whole for DynamoLedger {
    async fn books(&self) -> Result<BTreeSet<Book>, LedgerError> {
        Ok(self.all_states().await?.into_keys().collect())
    }

    async fn objects(&self) -> Result<BTreeSet<(Book, ObjectId)>, LedgerError> {
        let mut objects = BTreeSet::new();
        let mut from = None;
        loop {
            let call = self.client.scan().table_name(&self.table);
            let call = call.projection_expression(format!("{KEY}, {RANGE}"));
            let answer = Box::pin(call.set_exclusive_start_key(from).send()).await;
            let page = answer.map_err(|error| ledger_error("Scan", &error))?;
            for item in page.items() {
                objects.extend(place(item)?);
            }
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(objects);
            }
        }
    }

    async fn days(&self, book: &Book) -> Result<BTreeMap<Day, Totals>, LedgerError> {
        Ok(self.view(book).await?.totals)
    }

    async fn movements(&self, book: &Book, day: Day) -> Result<Vec<Filed>, LedgerError> {
        Self::movements(self, book, day).await
    }

    async fn replace(&self, entry: &Entry, seen: &Entry) -> Result<(), LedgerError> {
        let there = self.get(items::entry_key(&entry.key())).await?;
        let there = there.filter(|item| items::read(item).is_ok_and(|it: Entry| it == *seen));
        let Some(bytes) = there.and_then(|mut item| item.remove(TEXT)) else {
            return Err(LedgerError::Conflict);
        };
        let put = self.client.put_item().table_name(&self.table);
        let put = put
            .set_item(Some(items::entry(entry)?))
            .condition_expression("#text = :seen")
            .expression_attribute_names("#text", TEXT)
            .expression_attribute_values(":seen", bytes);
        match Box::pin(put.send()).await {
            Ok(_) => Ok(()),
            Err(error) if is_taken(&error) => Err(LedgerError::Conflict),
            Err(error) => Err(ledger_error("PutItem", &error)),
        }
    }
}
