//! Workers that die at a chosen call, before its effect or after it, and that wait
//! for their turn before each.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};

use tributary_domain::ObjectId;
use tributary_domain::change::Sequence;
use tributary_ledger::views::{Expected, Month, MonthView};
use tributary_ledger::{Book, Day, Derived, Entry, EntryKey, Fact};
use tributary_pipeline::ledger::{
    About, BookState, Commit, Concern, Doubts, Filed, Ledger, LedgerError, ListError, Node, Page,
    PageName, PullQueue, PullRequest, Stories, Totals, Transactions, Window,
};
use tributary_pipeline::ports::SendError;

use super::turns::turn;

/// How long one worker lives, in calls of all its ports.
#[derive(Debug)]
pub struct Life {
    calls: AtomicUsize,
    ends_at: usize,
    with_effect: bool,
}

/// What becomes of one call.
enum Fate {
    Answered,
    /// Its effect happens, and nobody learns of it.
    Last,
    Dead,
}

impl Life {
    /// A life without end.
    pub fn eternal() -> Self {
        Self::ending_at(usize::MAX, false)
    }

    /// A life whose `call`th call, counted from 0, is its last: with its effect or
    /// without.
    pub fn ending_at(call: usize, with_effect: bool) -> Self {
        Self {
            calls: AtomicUsize::new(0),
            ends_at: call,
            with_effect,
        }
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.calls.load(Ordering::Relaxed) > self.ends_at
    }

    /// Calls so far.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    fn fate(&self) -> Fate {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        match call.cmp(&self.ends_at) {
            std::cmp::Ordering::Less => Fate::Answered,
            std::cmp::Ordering::Equal if self.with_effect => Fate::Last,
            _ => Fate::Dead,
        }
    }
}

impl Life {
    /// Makes a call of this life: it may be the last one, or come too late.
    pub(crate) async fn lives<T, E>(
        &self,
        call: impl Future<Output = Result<T, E>>,
        error: E,
    ) -> Result<T, E> {
        turn().await;
        match self.fate() {
            Fate::Answered => call.await,
            Fate::Last => {
                let _ = call.await;
                Err(error)
            }
            Fate::Dead => Err(error),
        }
    }
}

/// A port of a mortal worker.
#[derive(Debug)]
pub struct Mortal<'a, P> {
    /// The port.
    pub port: &'a P,
    /// The worker's life.
    pub life: &'a Life,
}

macro_rules! lived {
    ($self:ident, $error:expr, $call:expr) => {
        $self.life.lives($call, $error).await
    };
}

fn dead() -> LedgerError {
    LedgerError::Transient("the worker is dead".to_owned())
}

impl<P: Ledger> Ledger for Mortal<'_, P> {
    async fn state(&self, book: &Book) -> Result<BookState, LedgerError> {
        lived!(self, dead(), self.port.state(book))
    }

    async fn present(
        &self,
        book: &Book,
        keys: &[EntryKey],
    ) -> Result<BTreeSet<ObjectId>, LedgerError> {
        lived!(self, dead(), self.port.present(book, keys))
    }

    async fn totals(
        &self,
        book: &Book,
        days: &[Day],
    ) -> Result<BTreeMap<Day, Totals>, LedgerError> {
        lived!(self, dead(), self.port.totals(book, days))
    }

    async fn months(
        &self,
        book: &Book,
        months: &[Month],
    ) -> Result<BTreeMap<Month, MonthView>, LedgerError> {
        lived!(self, dead(), self.port.months(book, months))
    }

    async fn expected(&self) -> Result<Expected, LedgerError> {
        lived!(self, dead(), self.port.expected())
    }

    async fn commit(&self, book: &Book, commit: &Commit) -> Result<(), LedgerError> {
        lived!(self, dead(), self.port.commit(book, commit))
    }

    async fn filed(
        &self,
        book: &Book,
        day: Day,
        page: PageName,
    ) -> Result<Vec<Filed>, LedgerError> {
        lived!(self, dead(), self.port.filed(book, day, page))
    }

    async fn filed_on(&self, book: &Book, day: Day) -> Result<Vec<Filed>, LedgerError> {
        lived!(self, dead(), self.port.filed_on(book, day))
    }

    /// Entries are put one by one: each is a call in which a worker can die.
    async fn post(&self, book: &Book, entries: &[Entry]) -> Result<(), LedgerError> {
        for entry in entries {
            let one = std::slice::from_ref(entry);
            lived!(self, dead(), self.port.post(book, one))?;
        }
        Ok(())
    }
}

impl<P: Stories> Stories for Mortal<'_, P> {
    async fn node(&self, book: &Book, object: &ObjectId) -> Result<Node, LedgerError> {
        lived!(self, dead(), self.port.node(book, object))
    }

    async fn learn(
        &self,
        book: &Book,
        fact: &Fact,
        before: Option<&Sequence>,
    ) -> Result<(), LedgerError> {
        lived!(self, dead(), self.port.learn(book, fact, before))
    }

    async fn derive(&self, derived: &Derived) -> Result<(), LedgerError> {
        lived!(self, dead(), self.port.derive(derived))
    }
}

impl<P: PullQueue> PullQueue for Mortal<'_, P> {
    async fn request(&self, request: &PullRequest, delay_s: u16) -> Result<(), SendError> {
        let error = SendError::Transient("the worker is dead".to_owned());
        lived!(self, error, self.port.request(request, delay_s))
    }
}

impl<P: Transactions> Transactions for Mortal<'_, P> {
    async fn page(
        &self,
        book: &Book,
        window: Window,
        after: Option<&ObjectId>,
        stake: u64,
    ) -> Result<Page, ListError> {
        let error = ListError::Transient("the worker is dead".to_owned());
        lived!(self, error, self.port.page(book, window, after, stake))
    }
}

impl<P: Doubts> Doubts for Mortal<'_, P> {
    async fn record(
        &self,
        about: &About<'_>,
        concern: &Concern,
        now: i64,
    ) -> Result<(), SendError> {
        let error = SendError::Transient("the worker is dead".to_owned());
        lived!(self, error, self.port.record(about, concern, now))
    }
}
