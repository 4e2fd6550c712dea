//! All of it together, and a loop that works off the queue.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tributary_domain::change::State;
use tributary_domain::{FetchRequest, Mode, ObjectId, ObjectKey};
use tributary_ledger::views::Shelf;
use tributary_ledger::{Book, Day, Entry, EntryKey, Fact};
use tributary_pipeline::ledger::{
    FactQueue, LedgerError, Missed, PullQueue, PullRequest, Views, Watch,
};
use tributary_pipeline::message::{Message, Quarantined};
use tributary_pipeline::ports::{EventQueue, FetchQueue, Quarantine, SendError};
use tributary_pipeline::reconcile::{Books, Job, Jobs, Mirror, Seen, Shelved, UnderWay, World};
use tributary_reconciliation::compare::lines::Held;

use super::{MemoryControl, MemoryFindings, MemoryStripe};
use crate::clock::SimClock;
use crate::ledger::MemoryLedger;
use crate::memory::{MemoryBlobs, MemoryQueues, MemoryStore};
use crate::own_book::{MemoryMatches, MemoryOwnBook};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Books for MemoryLedger {
    async fn held(&self, book: &Book, day: Day) -> Result<Vec<Held>, LedgerError> {
        let filed = self.kept(book).filed;
        let of_day = filed.into_iter().filter(|((filed, _), _)| *filed == day);
        let lines = of_day.flat_map(|(_, lines)| lines).map(|line| Held {
            transaction: line.transaction,
            source: line.source,
            currency: line.currency,
            net: line.net,
        });
        Ok(lines.collect())
    }

    async fn entries(&self, book: &Book, source: &ObjectId) -> Result<Vec<Entry>, LedgerError> {
        let of_source = self.kept(book).entries.remove(source).unwrap_or_default();
        Ok(of_source.into_values().collect())
    }

    async fn posted(&self, book: &Book, keys: &[EntryKey]) -> Result<Vec<Entry>, LedgerError> {
        let entries = self.kept(book).entries;
        let posted = keys
            .iter()
            .filter_map(|key| entries.get(&key.source)?.get(&key.transaction));
        Ok(posted.cloned().collect())
    }
}

/// Objects on one page of a shelf: few, so that tests see more than one.
const SHELVED_MAX: usize = 2;

impl UnderWay for MemoryLedger {
    async fn under_way(
        &self,
        mode: Mode,
        shelf: &Shelf,
        after: Option<&str>,
    ) -> Result<Shelved, LedgerError> {
        let place = |(book, fact): &(Book, Fact)| format!("{}#{}", book.owner.as_str(), fact.id);
        let mut facts = self.payouts(mode, shelf, None).await?;
        facts.sort_by_key(place);
        facts.retain(|fact| after.is_none_or(|after| place(fact).as_str() > after));
        let has_more = facts.len() > SHELVED_MAX;
        facts.truncate(SHELVED_MAX);
        let next = facts.last().filter(|_| has_more).map(place);
        Ok(Shelved { facts, next })
    }
}

/// The mirror, as far as it is read here.
#[derive(Debug, Default)]
pub struct MemoryMirror {
    objects: Mutex<BTreeMap<ObjectKey, Seen>>,
}

impl MemoryMirror {
    /// Shows an object, as it has been for long.
    pub fn show(&self, key: &ObjectKey, state: State) {
        self.show_since(key, state, 0);
    }

    /// Shows an object, as it was at that second (unix, by Stripe's clock).
    pub fn show_since(&self, key: &ObjectKey, state: State, at: i64) {
        lock(&self.objects).insert(key.clone(), Seen { state, at });
    }
}

impl Mirror for MemoryMirror {
    async fn seen(&self, object: &ObjectKey) -> Result<Option<Seen>, SendError> {
        Ok(lock(&self.objects).get(object).cloned())
    }
}

/// Every queue that reconciling writes to.
#[derive(Debug, Default)]
pub struct MemoryOutbox {
    /// Events, fetches and the quarantine.
    pub queues: MemoryQueues,
    jobs: Mutex<Vec<(Job, u16)>>,
    pulls: Mutex<Vec<PullRequest>>,
    missed: Mutex<Vec<Missed>>,
}

impl MemoryOutbox {
    /// Takes the jobs off the queue.
    pub fn take_jobs(&self) -> Vec<(Job, u16)> {
        std::mem::take(&mut *lock(&self.jobs))
    }

    /// Takes the requests to pull off their queue.
    pub fn take_pulls(&self) -> Vec<PullRequest> {
        std::mem::take(&mut *lock(&self.pulls))
    }

    /// Takes what the ledger is told off its queue.
    pub fn take_missed(&self) -> Vec<Missed> {
        std::mem::take(&mut *lock(&self.missed))
    }
}

impl Jobs for MemoryOutbox {
    async fn send(&self, job: &Job, delay_s: u16) -> Result<(), SendError> {
        // What a queue cannot carry must not work here either.
        let invalid = |error: serde_json::Error| SendError::Invalid(error.to_string());
        let body = serde_json::to_string(job).map_err(invalid)?;
        let job = serde_json::from_str(&body).map_err(invalid)?;
        lock(&self.jobs).push((job, delay_s));
        Ok(())
    }
}

impl PullQueue for MemoryOutbox {
    async fn request(&self, request: &PullRequest, _: u16) -> Result<(), SendError> {
        lock(&self.pulls).push(request.clone());
        Ok(())
    }
}

impl FactQueue for MemoryOutbox {
    async fn tell(&self, missed: &Missed) -> Result<(), SendError> {
        lock(&self.missed).push(missed.clone());
        Ok(())
    }
}

impl EventQueue for MemoryOutbox {
    async fn send(&self, message: &Message) -> Result<(), SendError> {
        EventQueue::send(&self.queues, message).await
    }
}

impl FetchQueue for MemoryOutbox {
    async fn request(&self, request: &FetchRequest, delay_s: u16) -> Result<(), SendError> {
        FetchQueue::request(&self.queues, request, delay_s).await
    }
}

impl Quarantine for MemoryOutbox {
    async fn hold(&self, held: &Quarantined) -> Result<(), SendError> {
        Quarantine::hold(&self.queues, held).await
    }
}

/// Everything that reconciling reads and writes.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "each part is documented by its type")]
pub struct MemoryWorld {
    pub stripe: MemoryStripe,
    pub ledger: MemoryLedger,
    pub log: MemoryStore,
    pub mirror: MemoryMirror,
    pub control: MemoryControl,
    pub findings: MemoryFindings,
    pub outbox: MemoryOutbox,
    pub blobs: MemoryBlobs,
    pub own_book: MemoryOwnBook,
    pub matches: MemoryMatches,
}

impl World for MemoryWorld {
    type Stripe = MemoryStripe;
    type Ledger = MemoryLedger;
    type Log = MemoryStore;
    type Mirror = MemoryMirror;
    type Control = MemoryControl;
    type Findings = MemoryFindings;
    type Outbox = MemoryOutbox;
    type Blobs = MemoryBlobs;
    type OwnBook = MemoryOwnBook;
    type Matches = MemoryMatches;

    fn stripe(&self) -> &MemoryStripe {
        &self.stripe
    }
    fn ledger(&self) -> &MemoryLedger {
        &self.ledger
    }
    fn log(&self) -> &MemoryStore {
        &self.log
    }
    fn mirror(&self) -> &MemoryMirror {
        &self.mirror
    }
    fn control(&self) -> &MemoryControl {
        &self.control
    }
    fn findings(&self) -> &MemoryFindings {
        &self.findings
    }
    fn outbox(&self) -> &MemoryOutbox {
        &self.outbox
    }
    fn blobs(&self) -> &MemoryBlobs {
        &self.blobs
    }
    fn own_book(&self) -> &MemoryOwnBook {
        &self.own_book
    }
    fn matches(&self) -> &MemoryMatches {
        &self.matches
    }
}

/// A worker's clock: the simulated one, and time for as many pages as it is told.
#[derive(Debug)]
pub struct TestWatch<'c> {
    /// The clock.
    pub clock: &'c SimClock,
    /// Whether there is time for another page.
    pub has_time: bool,
}

impl Watch for TestWatch<'_> {
    fn now(&self) -> i64 {
        self.clock.host_now()
    }

    fn has_time(&self) -> bool {
        self.has_time
    }
}
