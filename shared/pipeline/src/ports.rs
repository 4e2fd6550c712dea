//! What the use cases need of the world, in their own words.
//!
//! Every error is classified by what the caller does about it, never by what
//! broke: a failed condition in DynamoDB is a duplicate here and a concurrent
//! write there, and only the adapter can tell.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use tributary_domain::{EventKey, FetchRequest, Fingerprint, ObjectKey, Row};

use crate::message::{Message, Quarantined};
use crate::receipt::{Receipt, ReceiptMark};

/// What a store can answer instead of success.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The receipt exists: acknowledge, after a look at its fingerprint.
    #[error("already recorded")]
    Duplicate(Box<ReceiptMark>),
    /// Another worker wrote the row first: join its state and try again.
    #[error("changed by another worker")]
    Conflict(Option<Box<Row>>),
    /// Nothing is known to have happened: try again later.
    #[error("the store is unavailable: {0}")]
    Transient(String),
    /// Trying again cannot help.
    #[error("the store refused: {0}")]
    Invalid(String),
}

/// What the store knew of a batch.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The receipts that exist.
    pub receipts: BTreeMap<EventKey, ReceiptMark>,
    /// The rows that exist.
    pub rows: BTreeMap<ObjectKey, Row>,
    /// Events whose receipt exists but cannot be read.
    pub damaged_receipts: BTreeSet<EventKey>,
    /// Objects whose row exists but cannot be read: damaged, out of reach, or
    /// written by a later version. They cost only the messages about them.
    pub damaged_rows: BTreeSet<ObjectKey>,
}

impl Loaded {
    /// Whether what a message is about can be read.
    pub fn is_sound(&self, event: &EventKey, object: Option<&ObjectKey>) -> bool {
        !self.damaged_receipts.contains(event)
            && object.is_none_or(|object| !self.damaged_rows.contains(object))
    }
}

/// The mirror and the event log.
pub trait Store: Sync {
    /// Reads receipts and rows. May be stale: writes are conditional.
    fn load(
        &self,
        events: &[EventKey],
        objects: &[ObjectKey],
    ) -> impl Future<Output = Result<Loaded, StoreError>> + Send;

    /// Writes a row if the stored one still has the `expected` token (`None`: if
    /// there is none). Fails with [`StoreError::Conflict`] otherwise.
    fn write_row(
        &self,
        key: &ObjectKey,
        row: &Row,
        expected: Option<&Fingerprint>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Writes a receipt if there is none, or one that gives way to it
    /// ([`ReceiptMark::gives_way_to`]). Fails with [`StoreError::Duplicate`]
    /// otherwise.
    fn write_receipt(
        &self,
        receipt: &Receipt,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// What a queue or a bucket can answer instead of success.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// It may or may not have happened: sending again is harmless.
    #[error("unavailable: {0}")]
    Transient(String),
    /// Sending again cannot help.
    #[error("refused: {0}")]
    Invalid(String),
}

/// The events queue.
pub trait EventQueue: Sync {
    /// Returns when the message is durable.
    fn send(&self, message: &Message) -> impl Future<Output = Result<(), SendError>> + Send;
}

/// Where authentic but unusable messages wait for a person.
pub trait Quarantine: Sync {
    /// Returns when the message is durable.
    fn hold(&self, held: &Quarantined) -> impl Future<Output = Result<(), SendError>> + Send;
}

/// The queue of objects to read from Stripe.
pub trait FetchQueue: Sync {
    /// Asks for a fetch, no earlier than `delay_s` seconds from now.
    fn request(
        &self,
        request: &FetchRequest,
        delay_s: u16,
    ) -> impl Future<Output = Result<(), SendError>> + Send;
}

/// Bodies that do not fit elsewhere, by key.
pub trait Blobs: Sync {
    /// Stores a body. Keys are made from content, so storing twice is harmless.
    fn put(&self, key: &str, body: &[u8]) -> impl Future<Output = Result<(), SendError>> + Send;

    /// Reads a body back.
    fn get(&self, key: &str) -> impl Future<Output = Result<Vec<u8>, SendError>> + Send;
}

/// Where an endpoint's signing secrets are kept.
pub trait SecretSource: Sync {
    /// One signing secret.
    type Secret: Clone + Send + Sync;

    /// Reads the secrets that are active now; several while one is being rolled.
    fn fetch(
        &self,
        endpoint: &str,
    ) -> impl Future<Output = Result<Vec<Self::Secret>, SendError>> + Send;
}
