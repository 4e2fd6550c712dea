//! The movements that a ledger's entries were posted from, as a list like Stripe's.

use std::sync::{Mutex, PoisonError};

use futures_util::{StreamExt, TryStreamExt, stream};
use tributary_domain::{BalanceTransaction, ObjectId};
use tributary_ledger::{Book, Day};

use super::{SIDE_BY_SIDE, Whole};
use crate::ledger::ports::{Filed, ListError, PAGE_MAX, Page, Transactions, Window};
use crate::ledger::{LedgerError, Stories};
use crate::reconcile::without_reversed;

/// One book's movements, day by day, newest first.
pub(super) struct Stored<'a, L> {
    live: &'a L,
    book: Book,
    days: Vec<Day>,
    place: Mutex<Place>,
}

/// How far the list has been read.
#[derive(Default)]
struct Place {
    /// The last movement that was listed.
    last: Option<ObjectId>,
    /// What is left of the day that was begun.
    rest: Vec<Filed>,
    /// How many days were begun.
    begun: usize,
    missing: usize,
}

impl<'a, L: Whole> Stored<'a, L> {
    pub(super) async fn of(live: &'a L, book: &Book) -> Result<Self, LedgerError> {
        let mut days: Vec<Day> = live.days(book).await?.into_keys().collect();
        days.reverse();
        Ok(Self {
            live,
            book: book.clone(),
            days,
            place: Mutex::default(),
        })
    }

    /// Movements that were counted, and have no entry.
    pub(super) fn missing(&self) -> usize {
        self.place().missing
    }

    fn place(&self) -> std::sync::MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next movements, fewer than a page at the end of a day only.
    async fn next(&self) -> Result<Vec<Filed>, LedgerError> {
        loop {
            let day = {
                let mut place = self.place();
                if !place.rest.is_empty() {
                    let from = place.rest.len().saturating_sub(PAGE_MAX);
                    return Ok(place.rest.split_off(from));
                }
                let Some(day) = self.days.get(place.begun) else {
                    return Ok(Vec::new());
                };
                place.begun += 1;
                *day
            };
            let filed = self.live.movements(&self.book, day).await?;
            let key = |it: &Filed| (it.transaction.clone(), it.source.clone());
            let mut filed = without_reversed(filed, key);
            filed.sort_unstable();
            self.place().rest = filed;
        }
    }

    /// Goes to another place: a pull that was cut off goes on.
    async fn seek(&self, after: Option<&ObjectId>) -> Result<(), LedgerError> {
        *self.place() = Place::default();
        let Some(after) = after else { return Ok(()) };
        loop {
            let passed = self.next().await?;
            if passed.is_empty() || passed.iter().any(|it| it.transaction == *after) {
                return Ok(());
            }
        }
    }

    async fn movement(&self, filed: &Filed) -> Result<Option<BalanceTransaction>, LedgerError> {
        let node = Stories::node(self.live, &self.book, &filed.source).await?;
        let mut entries = node.entries.iter();
        let entry = entries.find(|entry| entry.transaction == filed.transaction);
        Ok(entry.map(tributary_ledger::Entry::movement))
    }
}

impl<L: Whole> Transactions for Stored<'_, L> {
    async fn page(
        &self,
        _: &Book,
        _: Window,
        after: Option<&ObjectId>,
        _: u64,
    ) -> Result<Page, ListError> {
        let unavailable = |error: LedgerError| ListError::Transient(error.to_string());
        let is_here = after == self.place().last.as_ref();
        if !is_here {
            self.seek(after).await.map_err(unavailable)?;
        }
        let mut page = Page::default();
        while page.transactions.is_empty() {
            let filed = self.next().await.map_err(unavailable)?;
            if filed.is_empty() {
                return Ok(page);
            }
            let read = stream::iter(filed).map(async |filed| self.movement(&filed).await);
            let read: Vec<_> = read
                .buffered(SIDE_BY_SIDE)
                .try_collect()
                .await
                .map_err(unavailable)?;
            self.place().missing += read.iter().filter(|it| it.is_none()).count();
            page.transactions = read.into_iter().flatten().collect();
        }
        let last = page.transactions.last().map(|it| it.id.clone());
        self.place().last.clone_from(&last);
        page.next = last;
        Ok(page)
    }
}
