//! What the ledger needs of the world.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use serde::{Deserialize, Serialize};
use tributary_domain::change::Sequence;
use tributary_domain::{BalanceTransaction, ObjectId};
use tributary_domain::{Mode, Owner};
use tributary_ledger::views::{Expected, Month, MonthView, Shelf};
use tributary_ledger::{Book, Day, Derived, Entry, EntryKey, Fact};

use super::concern::{About, Concern};
use super::state::{BookState, Totals};
use crate::ports::SendError;

/// Movements of one list page, as many as Stripe gives.
pub const PAGE_MAX: usize = 100;

/// Which movements to list: those booked between two seconds, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Unix seconds; `None` for the beginning of time.
    pub from: Option<i64>,
    /// Unix seconds.
    pub to: i64,
}

/// A page of movements, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// At most [`PAGE_MAX`].
    pub transactions: Vec<BalanceTransaction>,
    /// What could not be read: it costs itself, not the page.
    pub unreadable: Vec<Unread>,
    /// After which movement the next page begins; `None` if the window ends here.
    pub next: Option<ObjectId>,
}

/// A movement that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Which, if even that could be read.
    pub id: Option<ObjectId>,
    /// The field, never its value.
    pub field: &'static str,
}

/// What Stripe can answer instead of a page.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// Overloaded, down, or limited: the same page again, later.
    #[error("Stripe is unavailable: {0}")]
    Transient(String),
    /// The account has cut the platform off: nobody will list it any more.
    #[error("the account is closed to the platform")]
    Closed,
    /// The key opens live or test data, and the book is of the other.
    #[error("the API key is of another mode")]
    OtherMode,
    /// Asking again cannot help.
    #[error("Stripe refused: {0}")]
    Invalid(String),
}

/// Stripe's list of a book's movements, their sources expanded.
pub trait Transactions: Sync {
    /// The newest movements of the window, or those listed after one of them. What
    /// is booked while pages are read does not move those that follow.
    ///
    /// `stake` is what the list is read for, minor units of any currency: where lists
    /// have to wait for each other, the greatest goes first.
    fn page(
        &self,
        book: &Book,
        window: Window,
        after: Option<&ObjectId>,
        stake: u64,
    ) -> impl Future<Output = Result<Page, ListError>> + Send;
}

/// What a ledger can answer instead of success.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another worker was first: read again what is there.
    #[error("changed by another worker")]
    Conflict,
    /// It may or may not have happened: try again later.
    #[error("the ledger is unavailable: {0}")]
    Transient(String),
    /// Trying again cannot help.
    #[error("the ledger refused: {0}")]
    Invalid(String),
}

/// One movement as it is filed under its day: enough to compare it with Stripe's, and
/// to find its entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Filed {
    /// The balance transaction.
    pub transaction: ObjectId,
    /// The object that moved the money, or the transaction if none did.
    pub source: ObjectId,
    /// Its currency.
    pub currency: String,
    /// What it moved, minor units.
    pub net: i64,
}

impl Filed {
    /// Where its entry is.
    pub fn key(&self, book: &Book) -> EntryKey {
        EntryKey {
            book: book.clone(),
            source: self.source.clone(),
            transaction: self.transaction.clone(),
        }
    }
}

impl From<&Entry> for Filed {
    fn from(entry: &Entry) -> Self {
        let EntryKey {
            source,
            transaction,
            ..
        } = entry.key();
        Self {
            transaction,
            source,
            currency: entry.currency.clone(),
            net: entry.net,
        }
    }
}

/// Which page of which pull of a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageName {
    /// The pull's number.
    pub pull: u32,
    /// The page's number within it.
    pub page: u32,
}

/// What one page changes, all or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commit {
    /// The state after it. It applies to the state with the sequence number before.
    pub state: BookState,
    /// Movements counted with it, by the day under which they are filed.
    pub filed: BTreeMap<Day, Vec<Filed>>,
    /// Days whose totals are no part of the state (any more).
    pub closed: BTreeMap<Day, Totals>,
    /// Views of months, as they are with what was counted.
    pub months: BTreeMap<Month, MonthView>,
    /// Whether what is filed is a correction and no page of a pull. It is then filed
    /// beside all pages, also beside that of a pull under way.
    pub is_correction: bool,
}

impl Commit {
    /// What the page is called under which it files. No pull has the number of
    /// corrections, and no two commits have one sequence number.
    pub fn page(&self) -> PageName {
        if self.is_correction {
            return PageName {
                pull: u32::MAX,
                page: u32::try_from(self.state.seq).unwrap_or(u32::MAX),
            };
        }
        self.state.page()
    }
}

/// The journal and the books' states. Every read sees every write before it.
pub trait Ledger: Sync {
    /// The state of a book; the default one if there is none.
    fn state(&self, book: &Book) -> impl Future<Output = Result<BookState, LedgerError>> + Send;

    /// Which of these entries exist, by their transactions.
    fn present(
        &self,
        book: &Book,
        keys: &[EntryKey],
    ) -> impl Future<Output = Result<BTreeSet<ObjectId>, LedgerError>> + Send;

    /// The totals of closed days, as far as there are any.
    fn totals(
        &self,
        book: &Book,
        days: &[Day],
    ) -> impl Future<Output = Result<BTreeMap<Day, Totals>, LedgerError>> + Send;

    /// The views of a book's months, as far as there are any.
    fn months(
        &self,
        book: &Book,
        months: &[Month],
    ) -> impl Future<Output = Result<BTreeMap<Month, MonthView>, LedgerError>> + Send;

    /// What the platform expects of fees and rates; nothing if it has not said.
    ///
    /// [`LedgerError::Invalid`] says that what somebody wrote there is of no use.
    fn expected(&self) -> impl Future<Output = Result<Expected, LedgerError>> + Send;

    /// Applies a commit, if nobody has applied another since its state was read.
    /// Applying it twice is success.
    fn commit(
        &self,
        book: &Book,
        commit: &Commit,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// The movements that one page filed under a day.
    fn filed(
        &self,
        book: &Book,
        day: Day,
        page: PageName,
    ) -> impl Future<Output = Result<Vec<Filed>, LedgerError>> + Send;

    /// Every movement that is filed under a day, whatever page filed it.
    fn filed_on(
        &self,
        book: &Book,
        day: Day,
    ) -> impl Future<Output = Result<Vec<Filed>, LedgerError>> + Send;

    /// Puts each entry that is not there yet, and that its source belongs where it
    /// says. The others stay as they are.
    fn post(
        &self,
        book: &Book,
        entries: &[Entry],
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;
}

/// What is kept under one object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    /// The entries that it moved.
    pub entries: Vec<Entry>,
    /// What is known of it.
    pub fact: Option<Fact>,
    /// The objects whose entries or facts belong to it.
    pub members: BTreeSet<ObjectId>,
    /// What was derived with it as the root, reversals included.
    pub derived: Vec<Derived>,
}

/// What entries mean together. Every read sees every write before it.
pub trait Stories: Sync {
    /// What is kept under an object.
    fn node(
        &self,
        book: &Book,
        object: &ObjectId,
    ) -> impl Future<Output = Result<Node, LedgerError>> + Send;

    /// Keeps a fact in the place of the one with the sequence `before` (`None`: of
    /// none), and that its object belongs where it says. Keeping it twice is success.
    fn learn(
        &self,
        book: &Book,
        fact: &Fact,
        before: Option<&Sequence>,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// Puts a derived entry if its revision is free, or it itself is there.
    fn derive(&self, derived: &Derived) -> impl Future<Output = Result<(), LedgerError>> + Send;
}

/// What people look at, each answer one query.
pub trait Views: Sync {
    /// A month's fees and conversions, book by book: of one owner, or of all of a
    /// mode.
    fn month(
        &self,
        mode: Mode,
        month: &Month,
        owner: Option<&Owner>,
    ) -> impl Future<Output = Result<BTreeMap<Book, MonthView>, LedgerError>> + Send;

    /// The payouts on a shelf, of one owner or of all of a mode, as their facts tell.
    fn payouts(
        &self,
        mode: Mode,
        shelf: &Shelf,
        owner: Option<&Owner>,
    ) -> impl Future<Output = Result<Vec<(Book, Fact)>, LedgerError>> + Send;
}

/// Where concerns are noted, so that somebody looks.
pub trait Doubts: Sync {
    /// Notes a concern, at `now` (unix seconds). Noting it twice is harmless.
    fn record(
        &self,
        about: &About<'_>,
        concern: &Concern,
        now: i64,
    ) -> impl Future<Output = Result<(), SendError>> + Send;
}

/// A book to pull.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PullRequest {
    /// Whose.
    pub book: Book,
    /// Which events it has to answer: those up to here, unix seconds by Stripe's clock.
    pub until: i64,
    /// From when on everything is listed again, unix seconds; `None` for as far back
    /// as late movements are looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
    /// The money that it is asked for because of, minor units of any currency; 0 if that
    /// is not known. It only says who goes first when not everybody can.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub stake: u64,
}

fn is_zero(stake: &u64) -> bool {
    *stake == 0
}

/// The queue of books to pull.
pub trait PullQueue: Sync {
    /// Asks for a pull, no earlier than `delay_s` seconds from now.
    fn request(
        &self,
        request: &PullRequest,
        delay_s: u16,
    ) -> impl Future<Output = Result<(), SendError>> + Send;
}

/// What the ledger is to know of an object although no event told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missed {
    /// On whose book.
    pub book: Book,
    /// What there is to know.
    pub fact: Fact,
}

/// The queue on which the ledger is told.
pub trait FactQueue: Sync {
    /// Tells it. Telling it twice is harmless.
    fn tell(&self, missed: &Missed) -> impl Future<Output = Result<(), SendError>> + Send;
}

/// How late it is for a worker.
pub trait Watch: Sync {
    /// Unix seconds by the worker's clock: for leases and for how far a list reaches,
    /// never to order anything.
    fn now(&self) -> i64;

    /// Whether there is time for another page.
    fn has_time(&self) -> bool;
}
