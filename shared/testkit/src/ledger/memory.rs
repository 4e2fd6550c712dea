//! A ledger in memory.

mod read;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tributary_domain::ObjectId;
use tributary_domain::change::Sequence;
use tributary_ledger::views::{Expected, Month, MonthView};
use tributary_ledger::{Book, Day, Derived, Entry, EntryKey, Fact, Rule};
use tributary_pipeline::ledger::{
    About, BookState, Commit, Concern, Doubts, Filed, Ledger, LedgerError, Node, PageName,
    PullQueue, PullRequest, Stories, Totals,
};
use tributary_pipeline::ports::SendError;
use tributary_pipeline::reconcile::{PaidLine, PaidOut};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is kept of one book.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// How far it is pulled.
    pub state: BookState,
    /// The entries, by source and transaction.
    pub entries: BTreeMap<ObjectId, BTreeMap<ObjectId, Entry>>,
    /// The totals of closed days.
    pub closed: BTreeMap<Day, Totals>,
    /// The views of months.
    pub months: BTreeMap<Month, MonthView>,
    /// What each page filed under each day.
    pub filed: BTreeMap<(Day, PageName), Vec<Filed>>,
    /// What is known of objects.
    pub facts: BTreeMap<ObjectId, Fact>,
    /// Which objects belong to which.
    pub members: BTreeMap<ObjectId, BTreeSet<ObjectId>>,
    /// What was derived, by root, then by rule and revision.
    pub derived: BTreeMap<ObjectId, BTreeMap<(Rule, u32), Derived>>,
    /// What payouts paid out, by when they were made.
    pub paid_out: BTreeMap<(i64, ObjectId), (PaidOut, Vec<PaidLine>)>,
}

impl Kept {
    /// Every entry.
    pub fn all_entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().flat_map(BTreeMap::values)
    }

    /// Every derived entry, reversals included.
    pub fn all_derived(&self) -> impl Iterator<Item = &Derived> + Clone {
        self.derived.values().flat_map(BTreeMap::values)
    }

    fn link(&mut self, object: &ObjectId, parent: Option<&ObjectId>) {
        if let Some(parent) = parent {
            let members = self.members.entry(parent.clone()).or_default();
            members.insert(object.clone());
        }
    }

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
    expected: Mutex<Expected>,
    cost: Mutex<Cost>,
}

impl MemoryLedger {
    /// What is kept of a book.
    pub fn kept(&self, book: &Book) -> Kept {
        lock(&self.books).get(book).cloned().unwrap_or_default()
    }

    /// Loses the entry of a movement; what was counted of it stays.
    pub fn forget(&self, transaction: &ObjectId, book: &Book) {
        self.with(book, |kept| {
            for moved in kept.entries.values_mut() {
                moved.remove(transaction);
            }
        });
    }

    /// Says what the platform expects from now on.
    pub fn expect(&self, expected: Expected) {
        *lock(&self.expected) = expected;
    }

    /// Changes what is kept of a book, as no port could: to damage it, or to restore it.
    pub fn meddle(&self, book: &Book, change: impl FnOnce(&mut Kept)) {
        self.with(book, change);
    }

    /// All that is kept now, as a backup of the table would have it.
    pub fn snapshot(&self) -> Self {
        Self {
            books: Mutex::new(lock(&self.books).clone()),
            expected: Mutex::new(lock(&self.expected).clone()),
            cost: Mutex::default(),
        }
    }

    /// The books of which anything is kept.
    pub fn books(&self) -> Vec<Book> {
        lock(&self.books).keys().cloned().collect()
    }

    /// What was asked so far.
    pub fn cost(&self) -> Cost {
        *lock(&self.cost)
    }

    pub(super) fn charge(&self, reads: usize, writes: usize) {
        let mut cost = lock(&self.cost);
        cost.calls += 1;
        cost.reads += reads;
        cost.writes += writes;
    }

    pub(super) fn with<T>(&self, book: &Book, change: impl FnOnce(&mut Kept) -> T) -> T {
        change(lock(&self.books).entry(book.clone()).or_default())
    }
}

impl Ledger for MemoryLedger {
    async fn state(&self, book: &Book) -> Result<BookState, LedgerError> {
        self.charge(1, 0);
        Ok(self.with(book, |kept| kept.state.clone()))
    }

    async fn present(
        &self,
        book: &Book,
        keys: &[EntryKey],
    ) -> Result<BTreeSet<ObjectId>, LedgerError> {
        self.charge(keys.len(), 0);
        Ok(self.with(book, |kept| {
            let there = keys.iter().filter(|key| {
                let moved = kept.entries.get(&key.source);
                moved.is_some_and(|moved| moved.contains_key(&key.transaction))
            });
            there.map(|key| key.transaction.clone()).collect()
        }))
    }

    async fn totals(
        &self,
        book: &Book,
        days: &[Day],
    ) -> Result<BTreeMap<Day, Totals>, LedgerError> {
        self.charge(days.len(), 0);
        Ok(self.with(book, |kept| {
            let closed = days.iter().filter_map(|day| kept.closed.get_key_value(day));
            closed.map(|(day, totals)| (*day, totals.clone())).collect()
        }))
    }

    async fn months(
        &self,
        book: &Book,
        months: &[Month],
    ) -> Result<BTreeMap<Month, MonthView>, LedgerError> {
        self.charge(months.len(), 0);
        Ok(self.with(book, |kept| {
            let there = months.iter().filter_map(|it| kept.months.get_key_value(it));
            there
                .map(|(month, view)| (month.clone(), view.clone()))
                .collect()
        }))
    }

    async fn expected(&self) -> Result<Expected, LedgerError> {
        self.charge(1, 0);
        Ok(lock(&self.expected).clone())
    }

    async fn commit(&self, book: &Book, commit: &Commit) -> Result<(), LedgerError> {
        let items = commit.filed.len() + commit.closed.len() + commit.months.len();
        self.charge(0, 1 + items);
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
            kept.months.extend(commit.months.clone());
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
        let filed = self.with(book, |kept| kept.filed.get(&(day, page)).cloned());
        Ok(filed.unwrap_or_default())
    }

    async fn filed_on(&self, book: &Book, day: Day) -> Result<Vec<Filed>, LedgerError> {
        self.charge(1, 0);
        Ok(self.with(book, |kept| {
            let of_day = kept.filed.iter().filter(|((filed, _), _)| *filed == day);
            of_day.flat_map(|(_, lines)| lines.clone()).collect()
        }))
    }

    async fn post(&self, book: &Book, entries: &[Entry]) -> Result<(), LedgerError> {
        self.charge(0, entries.len());
        self.with(book, |kept| {
            for entry in entries {
                let key = entry.key();
                kept.link(&key.source, entry.belongs_to());
                let moved = kept.entries.entry(key.source).or_default();
                moved
                    .entry(key.transaction)
                    .or_insert_with(|| entry.clone());
            }
        });
        Ok(())
    }
}

impl Stories for MemoryLedger {
    async fn node(&self, book: &Book, object: &ObjectId) -> Result<Node, LedgerError> {
        self.charge(1, 0);
        Ok(self.with(book, |kept| Node {
            entries: kept
                .entries
                .get(object)
                .map(|moved| moved.values().cloned().collect())
                .unwrap_or_default(),
            fact: kept.facts.get(object).cloned(),
            members: kept.members.get(object).cloned().unwrap_or_default(),
            derived: kept
                .derived
                .get(object)
                .map(|derived| derived.values().cloned().collect())
                .unwrap_or_default(),
        }))
    }

    async fn learn(
        &self,
        book: &Book,
        fact: &Fact,
        before: Option<&Sequence>,
    ) -> Result<(), LedgerError> {
        self.charge(0, 1);
        self.with(book, |kept| {
            kept.link(&fact.id, fact.belongs_to());
            let known = kept.facts.get(&fact.id);
            if known.map(|known| &known.sequence) != before && known != Some(fact) {
                return Err(LedgerError::Conflict);
            }
            kept.facts.insert(fact.id.clone(), fact.clone());
            Ok(())
        })
    }

    async fn derive(&self, derived: &Derived) -> Result<(), LedgerError> {
        self.charge(0, 1);
        let key = (derived.rule, derived.revision);
        self.with(&derived.book, |kept| {
            let of_root = kept.derived.entry(derived.root.clone()).or_default();
            let there = of_root.entry(key).or_insert_with(|| derived.clone());
            match there == derived {
                true => Ok(()),
                false => Err(LedgerError::Conflict),
            }
        })
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
    async fn record(&self, about: &About<'_>, concern: &Concern, _: i64) -> Result<(), SendError> {
        let About {
            book, transaction, ..
        } = *about;
        lock(&self.noted).insert((book.clone(), transaction.clone(), concern.code()));
        Ok(())
    }
}

/// The queue of books to pull: what was asked for stays to be looked at.
#[derive(Debug, Default)]
pub struct MemoryPulls {
    asked: Mutex<Vec<(PullRequest, u16)>>,
}

impl MemoryPulls {
    /// Takes what was asked for, each with its delay in seconds.
    pub fn take(&self) -> Vec<(PullRequest, u16)> {
        std::mem::take(&mut lock(&self.asked))
    }
}

impl PullQueue for MemoryPulls {
    async fn request(&self, request: &PullRequest, delay_s: u16) -> Result<(), SendError> {
        lock(&self.asked).push((request.clone(), delay_s));
        Ok(())
    }
}
