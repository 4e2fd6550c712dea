//! Stripe's list of movements, in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tributary_domain::{BalanceTransaction, ObjectId};
use tributary_ledger::Book;
use tributary_pipeline::ledger::ports::PAGE_MAX;
use tributary_pipeline::ledger::{ListError, Page, Transactions, Unread, Window};

/// What happens at one call.
#[derive(Debug, Clone)]
pub enum Scene {
    /// It fails.
    Fails(Failure),
    /// It is answered, and after that something is booked.
    ThenBooked(Book, Vec<BalanceTransaction>),
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// 429, or a 5xx after all tries.
    Unavailable,
    /// The account has cut the platform off.
    Closed,
}

#[derive(Debug, Default)]
struct Inner {
    books: BTreeMap<Book, Vec<BalanceTransaction>>,
    scenes: BTreeMap<usize, Scene>,
    garbled: BTreeSet<ObjectId>,
    calls: usize,
    stakes: Vec<(Book, u64)>,
}

/// The list of every book, newest first; of one second, what was booked last comes
/// first.
#[derive(Debug, Default)]
pub struct MemoryList {
    inner: Mutex<Inner>,
    page_max: Option<usize>,
}

impl MemoryList {
    /// A list with shorter pages, so that few movements make many.
    pub fn with_pages_of(page_max: usize) -> Self {
        Self {
            page_max: Some(page_max.clamp(1, PAGE_MAX)),
            ..Self::default()
        }
    }

    /// Books movements, in this order.
    pub fn book(&self, book: &Book, transactions: impl IntoIterator<Item = BalanceTransaction>) {
        self.inner().book(book, transactions);
    }

    /// Makes something happen at the `call`th call from now, counted from 0.
    pub fn at(&self, call: usize, scene: Scene) {
        let mut inner = self.inner();
        let call = inner.calls + call;
        inner.scenes.insert(call, scene);
    }

    /// Lists a movement so that nobody can read it; or, on second thoughts, as it is.
    pub fn garble(&self, transaction: &ObjectId, is_garbled: bool) {
        let mut inner = self.inner();
        match is_garbled {
            true => inner.garbled.insert(transaction.clone()),
            false => inner.garbled.remove(transaction),
        };
    }

    /// Everything booked, newest first.
    pub fn all(&self, book: &Book) -> Vec<BalanceTransaction> {
        self.inner().books.get(book).cloned().unwrap_or_default()
    }

    /// Hands over everything booked in any book.
    pub fn visit(&self, mut each: impl FnMut(&Book, &BalanceTransaction)) {
        for (book, movements) in &self.inner().books {
            movements.iter().for_each(|movement| each(book, movement));
        }
    }

    /// Which book each call was about, and what was at stake.
    pub fn stakes(&self) -> Vec<(Book, u64)> {
        self.inner().stakes.clone()
    }

    /// How often it was called.
    pub fn calls(&self) -> usize {
        self.inner().calls
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn book(&mut self, book: &Book, transactions: impl IntoIterator<Item = BalanceTransaction>) {
        let list = self.books.entry(book.clone()).or_default();
        for transaction in transactions {
            let place = list.partition_point(|other| other.created > transaction.created);
            list.insert(place, transaction);
        }
    }

    fn page(
        &self,
        book: &Book,
        window: Window,
        after: Option<&ObjectId>,
        page_max: usize,
    ) -> Result<Page, ListError> {
        let empty = Vec::new();
        let list = self.books.get(book).unwrap_or(&empty);
        let first = match after {
            None => 0,
            Some(after) => {
                let place = list.iter().position(|t| t.id == *after);
                let unknown = || ListError::Invalid("no such starting_after".to_owned());
                place.ok_or_else(unknown)? + 1
            }
        };
        let inside = |t: &&BalanceTransaction| {
            t.created <= window.to && window.from.is_none_or(|from| t.created >= from)
        };
        let mut rest = list.iter().skip(first).filter(inside);
        let transactions: Vec<_> = rest.by_ref().take(page_max).cloned().collect();
        let more = rest.next().is_some();
        let last = transactions.last().filter(|_| more).map(|t| t.id.clone());
        let (garbled, transactions): (Vec<_>, Vec<_>) = transactions
            .into_iter()
            .partition(|it| self.garbled.contains(&it.id));
        let unread = |it: BalanceTransaction| Unread {
            id: Some(it.id),
            field: "amount",
        };
        Ok(Page {
            transactions,
            unreadable: garbled.into_iter().map(unread).collect(),
            next: last,
        })
    }
}

impl Transactions for MemoryList {
    async fn page(
        &self,
        book: &Book,
        window: Window,
        after: Option<&ObjectId>,
        stake: u64,
    ) -> Result<Page, ListError> {
        let mut inner = self.inner();
        let call = inner.calls;
        inner.calls += 1;
        inner.stakes.push((book.clone(), stake));
        let scene = inner.scenes.remove(&call);
        match scene {
            Some(Scene::Fails(Failure::Unavailable)) => {
                return Err(ListError::Transient("429".to_owned()));
            }
            Some(Scene::Fails(Failure::Closed)) => return Err(ListError::Closed),
            Some(Scene::ThenBooked(..)) | None => {}
        }
        let page_max = self.page_max.unwrap_or(PAGE_MAX);
        let page = inner.page(book, window, after, page_max);
        if let Some(Scene::ThenBooked(book, transactions)) = scene {
            inner.book(&book, transactions);
        }
        page
    }
}
