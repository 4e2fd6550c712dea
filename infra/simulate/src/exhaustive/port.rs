//! The store and the queues of the exhaustive check: one turn for each call, and a
//! note of each answer.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use tributary_domain::{Arrival, EventKey, FetchRequest, Fingerprint, ObjectKey, Row};
use tributary_pipeline::message::Quarantined;
use tributary_pipeline::ports::{FetchQueue, Loaded, Quarantine, SendError, Store, StoreError};
use tributary_pipeline::receipt::Receipt;
use tributary_testkit::{MemoryQueues, MemoryStore};

use super::WORKERS;
use crate::turns::Turns;

/// When receipts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// When the protocol says so: after the effects.
    #[default]
    EffectFirst,
    /// With the first look at the batch: broken on purpose.
    ReceiptFirst,
}

/// What the workers share.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) turns: Turns,
    pub(super) store: MemoryStore,
    pub(super) queues: MemoryQueues,
    /// Of each worker, a hash of its batch and of all answers that it has had.
    histories: Mutex<[u64; WORKERS]>,
}

impl Table {
    fn histories(&self) -> MutexGuard<'_, [u64; WORKERS]> {
        self.histories
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// A worker is idle.
    pub(super) fn forget(&self, worker: usize) {
        if let Some(history) = self.histories().get_mut(worker) {
            *history = 0;
        }
    }

    fn note(&self, worker: usize, answer: impl Hash) {
        if let Some(history) = self.histories().get_mut(worker) {
            let mut hasher = DefaultHasher::new();
            (*history, answer).hash(&mut hasher);
            *history = hasher.finish();
        }
    }

    /// What is stored, what was sent, and what the workers know. Of requests and
    /// messages in quarantine it counts which there are, not how often.
    pub(super) fn hash_into(&self, hasher: &mut impl Hasher) {
        self.store.mirror().hash(hasher);
        for (key, receipt) in self.store.receipts() {
            (key, receipt.raw, receipt.outcome.as_str()).hash(hasher);
        }
        self.queues.fetches().is_empty().hash(hasher);
        let quarantine = self.queues.quarantine();
        let mut held: Vec<_> = quarantine
            .iter()
            .map(|held| (held.code, &held.event))
            .collect();
        held.sort_unstable();
        held.dedup();
        held.hash(hasher);
        self.histories().hash(hasher);
    }
}

/// The ports of one worker.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) table: Arc<Table>,
    pub(super) number: usize,
    pub(super) arrivals: Vec<Arrival>,
    pub(super) order: Order,
}

impl Worker {
    async fn turn(&self, call: &'static str) {
        self.table.turns.wait(call).await;
    }

    fn note(&self, answer: impl Hash) {
        self.table.note(self.number, answer);
    }

    /// The effect of a port in memory, which never waits.
    fn at_once<T, E>(answer: impl Future<Output = Result<T, E>>, down: E) -> Result<T, E> {
        answer.now_or_never().unwrap_or(Err(down))
    }
}

fn down() -> StoreError {
    StoreError::Transient("waits".to_owned())
}

impl Store for Worker {
    async fn load(&self, events: &[EventKey], objects: &[ObjectKey]) -> Result<Loaded, StoreError> {
        self.turn("load").await;
        let store = &self.table.store;
        let loaded = Self::at_once(store.load(events, objects), down())?;
        if self.order == Order::ReceiptFirst {
            for arrival in &self.arrivals {
                let receipt = Receipt::of(arrival);
                let _ = Self::at_once(store.write_receipt(&receipt), down());
            }
        }
        let rows: Vec<String> = loaded.rows.values().map(Row::to_json).collect();
        let receipts: Vec<_> = loaded
            .receipts
            .iter()
            .map(|(key, mark)| (key, mark.fingerprint.as_str(), mark.held))
            .collect();
        let batch: Vec<&str> = self.arrivals.iter().map(|arrival| &*arrival.raw).collect();
        self.note((batch, rows, receipts));
        Ok(loaded)
    }

    async fn write_row(
        &self,
        key: &ObjectKey,
        row: &Row,
        expected: Option<&Fingerprint>,
    ) -> Result<(), StoreError> {
        self.turn("write_row").await;
        let written = Self::at_once(self.table.store.write_row(key, row, expected), down());
        match &written {
            Err(StoreError::Conflict(current)) => {
                self.note(current.as_ref().map(|row| row.to_json()));
            }
            other => self.note(other.is_ok()),
        }
        written
    }

    async fn write_receipt(&self, receipt: &Receipt) -> Result<(), StoreError> {
        self.turn("write_receipt").await;
        let written = Self::at_once(self.table.store.write_receipt(receipt), down());
        match &written {
            Err(StoreError::Duplicate(mark)) => {
                self.note((mark.fingerprint.as_str(), mark.held));
            }
            other => self.note(other.is_ok()),
        }
        written
    }
}

impl FetchQueue for Worker {
    async fn request(&self, request: &FetchRequest, delay_s: u16) -> Result<(), SendError> {
        self.turn("request").await;
        self.note("requested");
        self.table.queues.request(request, delay_s).await
    }
}

impl Quarantine for Worker {
    async fn hold(&self, held: &Quarantined) -> Result<(), SendError> {
        self.turn("hold").await;
        self.note("held");
        self.table.queues.hold(held).await
    }
}
