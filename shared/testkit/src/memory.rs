//! Ports in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tributary_domain::{EventKey, FetchRequest, Fingerprint, ObjectKey, Row};
use tributary_pipeline::message::{Message, Quarantined};
use tributary_pipeline::ports::{
    Blobs, EventQueue, FetchQueue, Loaded, Quarantine, SendError, Store, StoreError,
};
use tributary_pipeline::receipt::Receipt;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The mirror and the event log.
#[derive(Debug, Default)]
pub struct MemoryStore {
    rows: Mutex<BTreeMap<ObjectKey, Row>>,
    receipts: Mutex<BTreeMap<EventKey, Receipt>>,
    damaged: Mutex<BTreeSet<ObjectKey>>,
    writes: Mutex<usize>,
}

impl MemoryStore {
    /// The mirror, as bytes: what convergence is measured on.
    pub fn mirror(&self) -> BTreeMap<String, String> {
        lock(&self.rows)
            .iter()
            .map(|(key, row)| (key.to_string(), row.to_json()))
            .collect()
    }

    /// One row.
    pub fn row(&self, key: &ObjectKey) -> Option<Row> {
        lock(&self.rows).get(key).cloned()
    }

    /// Looks at one row where it is.
    pub fn look<T>(&self, key: &ObjectKey, at: impl FnOnce(Option<&Row>) -> T) -> T {
        at(lock(&self.rows).get(key))
    }

    /// Makes a row unreadable, as a later version or a fault would leave it.
    pub fn damage(&self, key: &ObjectKey) {
        lock(&self.damaged).insert(key.clone());
    }

    /// The event log.
    pub fn receipts(&self) -> BTreeMap<EventKey, Receipt> {
        lock(&self.receipts).clone()
    }

    /// Conditional writes made so far, failed ones included: each costs.
    pub fn writes(&self) -> usize {
        *lock(&self.writes)
    }
}

impl Store for MemoryStore {
    async fn load(&self, events: &[EventKey], objects: &[ObjectKey]) -> Result<Loaded, StoreError> {
        let (rows, receipts) = (lock(&self.rows), lock(&self.receipts));
        let found = |key: &EventKey| receipts.get(key).map(|found| (key.clone(), found.mark()));
        let row = |key: &ObjectKey| rows.get(key).map(|found| (key.clone(), found.clone()));
        let damaged = lock(&self.damaged);
        let (damaged_rows, sound): (Vec<_>, Vec<_>) =
            objects.iter().partition(|key| damaged.contains(key));
        Ok(Loaded {
            receipts: events.iter().filter_map(found).collect(),
            rows: sound.into_iter().filter_map(row).collect(),
            damaged_rows: damaged_rows.into_iter().cloned().collect(),
            ..Loaded::default()
        })
    }

    async fn write_row(
        &self,
        key: &ObjectKey,
        row: &Row,
        expected: Option<&Fingerprint>,
    ) -> Result<(), StoreError> {
        *lock(&self.writes) += 1;
        let mut rows = lock(&self.rows);
        let mut damaged = lock(&self.damaged);
        match rows.get(key) {
            Some(current) if damaged.contains(key) && expected != Some(&current.token()) => {
                Err(StoreError::Invalid("the row is damaged".to_owned()))
            }
            Some(current) if current == row && !damaged.contains(key) => {
                rows.insert(key.clone(), row.clone());
                Ok(())
            }
            Some(current) if expected != Some(&current.token()) => {
                Err(StoreError::Conflict(Some(Box::new(current.clone()))))
            }
            None if expected.is_some() => Err(StoreError::Conflict(None)),
            _ => {
                damaged.remove(key);
                rows.insert(key.clone(), row.clone());
                Ok(())
            }
        }
    }

    async fn write_receipt(&self, receipt: &Receipt) -> Result<(), StoreError> {
        *lock(&self.writes) += 1;
        let mut receipts = lock(&self.receipts);
        if let Some(stored) = receipts.get(&receipt.facts.key)
            && !stored.mark().gives_way_to(receipt)
        {
            return Err(StoreError::Duplicate(Box::new(stored.mark())));
        }
        receipts.insert(receipt.facts.key.clone(), receipt.clone());
        Ok(())
    }
}

/// All queues: what was sent stays to be looked at.
#[derive(Debug, Default)]
pub struct MemoryQueues {
    events: Mutex<Vec<Message>>,
    fetches: Mutex<Vec<(FetchRequest, u16)>>,
    quarantine: Mutex<Vec<Quarantined>>,
}

impl MemoryQueues {
    /// The messages of the events queue.
    pub fn events(&self) -> Vec<Message> {
        lock(&self.events).clone()
    }

    /// The fetch requests, each with its delay in seconds.
    pub fn fetches(&self) -> Vec<(FetchRequest, u16)> {
        lock(&self.fetches).clone()
    }

    /// What is in quarantine.
    pub fn quarantine(&self) -> Vec<Quarantined> {
        lock(&self.quarantine).clone()
    }
}

impl EventQueue for MemoryQueues {
    async fn send(&self, message: &Message) -> Result<(), SendError> {
        lock(&self.events).push(message.clone());
        Ok(())
    }
}

impl FetchQueue for MemoryQueues {
    async fn request(&self, request: &FetchRequest, delay_s: u16) -> Result<(), SendError> {
        lock(&self.fetches).push((request.clone(), delay_s));
        Ok(())
    }
}

impl Quarantine for MemoryQueues {
    async fn hold(&self, held: &Quarantined) -> Result<(), SendError> {
        lock(&self.quarantine).push(held.clone());
        Ok(())
    }
}

/// The bucket.
#[derive(Debug, Default)]
pub struct MemoryBlobs {
    bodies: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl MemoryBlobs {
    /// The keys that exist.
    pub fn keys(&self) -> Vec<String> {
        lock(&self.bodies).keys().cloned().collect()
    }
}

impl Blobs for MemoryBlobs {
    async fn put(&self, key: &str, body: &[u8]) -> Result<(), SendError> {
        lock(&self.bodies).insert(key.to_owned(), body.to_vec());
        Ok(())
    }

    async fn get(&self, key: &str) -> Result<Vec<u8>, SendError> {
        let body = lock(&self.bodies).get(key).cloned();
        body.ok_or_else(|| SendError::Invalid("GetObject: NoSuchKey".to_owned()))
    }
}
