//! Leases, places, watermarks and counters in memory.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tributary_domain::Mode;
use tributary_ledger::Book;
use tributary_pipeline::reconcile::{Claim, Control, ControlError, Coverage, Progress, Roster};

/// Books on one page of the roster: few, so that tests see more than one.
const ROSTER_MAX: usize = 2;

#[derive(Debug, Clone, Default)]
struct Lease {
    progress: Progress,
    holder: String,
    until: i64,
    is_done: bool,
}

#[derive(Debug, Default)]
struct Inner {
    leases: BTreeMap<String, Lease>,
    coverage: BTreeMap<String, (Book, Coverage)>,
    counters: BTreeMap<String, u32>,
}

/// The control table.
#[derive(Debug, Default)]
pub struct MemoryControl {
    inner: Mutex<Inner>,
}

impl MemoryControl {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The jobs that are done.
    pub fn done(&self) -> Vec<String> {
        let inner = self.inner();
        let done = inner.leases.iter().filter(|(_, lease)| lease.is_done);
        done.map(|(name, _)| name.clone()).collect()
    }

    /// A counter.
    pub fn counter(&self, name: &str) -> u32 {
        self.inner().counters.get(name).copied().unwrap_or_default()
    }
}

impl Control for MemoryControl {
    async fn claim(
        &self,
        name: &str,
        worker: &str,
        now: i64,
        until: i64,
    ) -> Result<Claim, ControlError> {
        let mut inner = self.inner();
        let lease = inner.leases.entry(name.to_owned()).or_default();
        if lease.is_done {
            return Ok(Claim::Done);
        }
        if lease.until > now && lease.holder != worker {
            return Ok(Claim::Held);
        }
        worker.clone_into(&mut lease.holder);
        lease.until = until;
        Ok(Claim::Mine(lease.progress.clone()))
    }

    async fn advance(
        &self,
        name: &str,
        worker: &str,
        progress: &Progress,
    ) -> Result<(), ControlError> {
        let mut inner = self.inner();
        let lease = inner.leases.get_mut(name).ok_or(ControlError::Conflict)?;
        let is_next = lease.progress.seq.checked_add(1) == Some(progress.seq);
        if lease.holder != worker || lease.is_done || !is_next {
            return Err(ControlError::Conflict);
        }
        lease.progress = progress.clone();
        Ok(())
    }

    async fn release(&self, name: &str, worker: &str, done: bool) -> Result<(), ControlError> {
        let mut inner = self.inner();
        let lease = inner.leases.get_mut(name).ok_or(ControlError::Conflict)?;
        if lease.holder != worker {
            return Err(ControlError::Conflict);
        }
        lease.until = 0;
        lease.is_done |= done;
        Ok(())
    }

    async fn coverage(&self, book: &Book) -> Result<Coverage, ControlError> {
        let inner = self.inner();
        let found = inner.coverage.get(&book.to_string());
        Ok(found
            .map(|(_, coverage)| coverage.clone())
            .unwrap_or_default())
    }

    async fn cover(&self, book: &Book, coverage: &Coverage) -> Result<(), ControlError> {
        let mut inner = self.inner();
        let stored = inner.coverage.get(&book.to_string());
        let before = stored.map_or(0, |(_, stored)| stored.seq);
        if before.checked_add(1) != Some(coverage.seq) {
            return Err(ControlError::Conflict);
        }
        inner
            .coverage
            .insert(book.to_string(), (book.clone(), coverage.clone()));
        Ok(())
    }

    async fn roster(&self, mode: Mode, after: Option<&str>) -> Result<Roster, ControlError> {
        let inner = self.inner();
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let rest = inner.coverage.range::<str, _>((from, Bound::Unbounded));
        let mut rest = rest.filter(|(_, (book, _))| book.mode == mode);
        let page: Vec<_> = rest.by_ref().take(ROSTER_MAX).collect();
        let next = page
            .last()
            .filter(|_| rest.next().is_some())
            .map(|(key, _)| (*key).clone());
        let books = page.into_iter().map(|(_, stored)| stored.clone()).collect();
        Ok(Roster { books, next })
    }

    async fn spend(&self, counter: &str, cap: u32) -> Result<bool, ControlError> {
        let mut inner = self.inner();
        let spent = inner.counters.entry(counter.to_owned()).or_default();
        let may = *spent < cap;
        *spent += u32::from(may);
        Ok(may)
    }
}
