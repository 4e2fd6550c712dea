//! A ledger in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tributary_domain::ObjectId;
use tributary_ledger::{Book, Day, Entry, EntryKey};
use tributary_pipeline::ledger::{
    BookState, Commit, Concern, Doubts, Filed, Ledger, LedgerError, PageName, Totals,
};
use tributary_pipeline::ports::SendError;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is kept of one book.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// How far it is pulled.
    pub state: BookState,
    /// The entries, by their transactions.
    pub entries: BTreeMap<EntryKey, Entry>,
    /// The totals of closed days.
    pub closed: BTreeMap<Day, Totals>,
    /// What each page filed under each day.
    pub filed: BTreeMap<(Day, PageName), Vec<Filed>>,
}

impl Kept {
    /// The totals of every day, closed or not.
    pub fn totals(&self) -> BTreeMap<Day, Totals> {
        let mut totals = self.closed.clone();
        totals.extend(self.state.days.clone());
        totals
    }
}

/// How often a ledger was asked, and what its answers would cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Calls of the port.
    pub calls: usize,
    /// Items read.
    pub reads: usize,
    /// Items written, failed conditions included.
    pub writes: usize,
}

/// The ledger.
#[derive(Debug, Default)]
pub struct MemoryLedger {
    books: Mutex<BTreeMap<Book, Kept>>,
    cost: Mutex<Cost>,
}

impl MemoryLedger {
    /// What is kept of a book.
    pub fn kept(&self, book: &Book) -> Kept {
        lock(&self.books).get(book).cloned().unwrap_or_default()
    }

    /// The books of which anything is kept.
    pub fn books(&self) -> Vec<Book> {
        lock(&self.books).keys().cloned().collect()
    }

    /// What was asked so far.
    pub fn cost(&self) -> Cost {
        *lock(&self.cost)
    }

    fn charge(&self, reads: usize, writes: usize) {
        let mut cost = lock(&self.cost);
        cost.calls += 1;
        cost.reads += reads;
        cost.writes += writes;
    }

    fn with<T>(&self, book: &Book, change: impl FnOnce(&mut Kept) -> T) -> T {
        change(lock(&self.books).entry(book.clone()).or_default())
    }
}

impl Ledger for MemoryLedger {
    async fn state(&self, book: &Book) -> Result<BookState, LedgerError> {
        self.charge(1, 0);
        Ok(self.kept(book).state)
    }

    async fn present(
        &self,
        book: &Book,
        keys: &[EntryKey],
    ) -> Result<BTreeSet<ObjectId>, LedgerError> {
        self.charge(keys.len(), 0);
        let kept = self.kept(book);
        let there = keys.iter().filter(|key| kept.entries.contains_key(key));
        Ok(there.map(|key| key.transaction.clone()).collect())
    }

    async fn totals(
        &self,
        book: &Book,
        days: &[Day],
    ) -> Result<BTreeMap<Day, Totals>, LedgerError> {
        self.charge(days.len(), 0);
        let mut closed = self.kept(book).closed;
        closed.retain(|day, _| days.contains(day));
        Ok(closed)
    }

    async fn commit(&self, book: &Book, commit: &Commit) -> Result<(), LedgerError> {
        self.charge(0, 1 + commit.filed.len() + commit.closed.len());
        self.with(book, |kept| {
            if kept.state == commit.state {
                return Ok(());
            }
            if kept.state.seq.checked_add(1) != Some(commit.state.seq) {
                return Err(LedgerError::Conflict);
            }
            let page = commit.page();
            for (day, filed) in &commit.filed {
                kept.filed.insert((*day, page), filed.clone());
            }
            kept.closed.extend(commit.closed.clone());
            kept.state = commit.state.clone();
            Ok(())
        })
    }

    async fn filed(
        &self,
        book: &Book,
        day: Day,
        page: PageName,
    ) -> Result<Vec<Filed>, LedgerError> {
        self.charge(1, 0);
        let filed = self.kept(book).filed.remove(&(day, page));
        Ok(filed.unwrap_or_default())
    }

    async fn post(&self, book: &Book, entries: &[Entry]) -> Result<(), LedgerError> {
        self.charge(0, entries.len());
        self.with(book, |kept| {
            for entry in entries {
                let there = kept.entries.entry(entry.key());
                there.or_insert_with(|| entry.clone());
            }
        });
        Ok(())
    }
}

/// What was noted, each concern once.
#[derive(Debug, Default)]
pub struct MemoryDoubts {
    noted: Mutex<BTreeSet<(Book, ObjectId, &'static str)>>,
}

impl MemoryDoubts {
    /// Book, transaction and code of each.
    pub fn noted(&self) -> BTreeSet<(Book, ObjectId, &'static str)> {
        lock(&self.noted).clone()
    }
}

impl Doubts for MemoryDoubts {
    async fn record(
        &self,
        book: &Book,
        transaction: &ObjectId,
        concern: &Concern,
    ) -> Result<(), SendError> {
        lock(&self.noted).insert((book.clone(), transaction.clone(), concern.code()));
        Ok(())
    }
}
