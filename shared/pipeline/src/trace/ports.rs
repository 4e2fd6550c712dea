//! What a trace reads, each call one question to a table.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use serde::Serialize;
use tributary_domain::change::State;
use tributary_domain::{EventId, EventKey, Mode, ObjectId, ObjectKey, Owner};
use tributary_ledger::{Book, Day};
use tributary_reconciliation::Finding;

use crate::ledger::{Filed, Ledger, LedgerError, Stories};
use crate::own_book::Kept;
use crate::ports::StoreError;
use crate::reconcile::{ControlError, PaidOuts};

/// One object of one book.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// Whose.
    pub book: Book,
    /// Which.
    pub id: ObjectId,
}

/// What the mirror says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The object in the domain's terms; `None` for a kind of which only the identity
    /// is known, and for one that cannot be read.
    pub state: Option<State>,
    /// The field for which it cannot be read.
    pub unreadable: Option<String>,
    /// The second of the version that is shown, unix, by Stripe's clock.
    pub at: i64,
    /// The event that showed it.
    pub event: EventId,
    /// It is gone.
    pub is_deleted: bool,
    /// Versions of one second that nothing orders: a guess.
    pub is_ambiguous: bool,
    /// The newest events that told of it, oldest first, with their seconds.
    pub heard: Vec<(i64, EventId)>,
}

/// What the log says of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedEvent {
    /// Which.
    pub key: EventKey,
    /// Stripe's type, or the kind of a fetched object.
    pub kind: String,
    /// When Stripe made it, unix seconds.
    pub created: i64,
    /// When it was applied, unix seconds by our clock.
    pub received_at: i64,
    /// `webhook`, `event_bridge`, `fetch`, `backfill`.
    pub origin: String,
    /// What became of it: `applied`, `fetch_requested`, `recorded`, `quarantined`.
    pub outcome: String,
    /// The mirrored object it is about.
    pub object: Option<ObjectKey>,
    /// That object as the event shows it.
    pub shows: Option<State>,
    /// Of a fetched object: because of which event it was fetched.
    pub cause: Option<EventId>,
}

/// What is read besides the ledger.
pub trait Records: Sync {
    /// What the mirror says of objects, as far as it knows them.
    fn rows(
        &self,
        keys: &[ObjectKey],
    ) -> impl Future<Output = Result<BTreeMap<ObjectKey, Seen>, StoreError>> + Send;

    /// What the log says of events, as far as they are in it.
    fn events(
        &self,
        keys: &[EventKey],
    ) -> impl Future<Output = Result<BTreeMap<EventKey, LoggedEvent>, StoreError>> + Send;

    /// Findings of a book by their [keys](Finding::key), as far as there are any.
    fn findings(
        &self,
        book: &Book,
        keys: &[String],
    ) -> impl Future<Output = Result<Vec<Finding>, ControlError>> + Send;

    /// Some of the accounts that are known, and after which there are more.
    fn accounts(
        &self,
        mode: Mode,
        after: Option<&str>,
    ) -> impl Future<Output = Result<(Vec<Owner>, Option<String>), ControlError>> + Send;

    /// The days on which a book moved.
    fn days(&self, book: &Book) -> impl Future<Output = Result<Vec<Day>, LedgerError>> + Send;

    /// The movements that are filed under a day.
    fn filed(
        &self,
        book: &Book,
        day: Day,
    ) -> impl Future<Output = Result<Vec<Filed>, LedgerError>> + Send;

    /// The matches of the platform's own book that have any of a book's movements.
    fn matched(
        &self,
        book: &Book,
        transactions: &BTreeSet<ObjectId>,
    ) -> impl Future<Output = Result<Vec<Kept>, StoreError>> + Send;

    /// The objects that the platform's own book ties to a reference, and those whose
    /// Stripe objects carry it.
    fn referred(
        &self,
        mode: Mode,
        owner: Option<&Owner>,
        reference: &str,
    ) -> impl Future<Output = Result<Vec<Place>, StoreError>> + Send;
}

/// Everything that a trace reads.
pub trait Ground: Sync {
    /// The ledger.
    type Ledger: Ledger + Stories + PaidOuts;
    /// Mirror, event log and findings.
    type Records: Records;

    /// The ledger.
    fn ledger(&self) -> &Self::Ledger;
    /// Mirror, event log and findings.
    fn records(&self) -> &Self::Records;
}

/// Why a trace stopped.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The mirror or the event log cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The findings cannot be read.
    #[error(transparent)]
    Control(#[from] ControlError),
}
