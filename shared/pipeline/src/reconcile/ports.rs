//! What reconciling needs of the world, besides the ports of pulling.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use serde::{Deserialize, Serialize};
use tributary_domain::change::State;
use tributary_domain::change::state::{Balance, Payout};
use tributary_domain::{AccountId, EventId, EventKey, Mode, ObjectId, ObjectKey};
use tributary_ledger::{Book, Day, Entry, EntryKey};
use tributary_reconciliation::compare::lines::Held;
use tributary_reconciliation::report::{self, Digests};
use tributary_reconciliation::{Code, Finding};

use super::Job;
pub use super::coverage::{Coverage, change_coverage};
use crate::ledger::{LedgerError, ListError, Page, Window};
use crate::ports::SendError;

/// An event as Stripe lists it.
#[derive(Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its identity.
    pub key: EventKey,
    /// Stripe's type.
    pub kind: String,
    /// When it was made, unix seconds.
    pub created: i64,
    /// Its `livemode` is not the one it was listed under.
    pub is_of_other_mode: bool,
    /// The event, as Stripe wrote it.
    pub body: String,
}

impl std::fmt::Debug for Listed {
    /// Leaves the body out: it may hold personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Listed({}, {})", self.key, self.kind)
    }
}

/// A page of events, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedEvents {
    /// At most a hundred.
    pub events: Vec<Listed>,
    /// After which event the next page begins; `None` if the window ends here.
    pub next: Option<EventId>,
}

/// A page of payouts, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payouts {
    /// Their keys and states.
    pub payouts: Vec<(ObjectKey, Payout)>,
    /// After which payout the next page begins; `None` if the window ends here.
    pub next: Option<ObjectId>,
}

/// What an event would have been about that Stripe could not make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Whose event.
    pub book: Book,
    /// Its object, if Stripe names it and it can be read.
    pub object: Option<ObjectKey>,
    /// Since when events failed, unix seconds.
    pub since: Option<i64>,
}

/// Stripe's API, as far as it is read here.
pub trait Remote: Sync {
    /// Which of Stripe's two worlds the key opens: there is nothing else to compare with.
    fn mode(&self) -> impl Future<Output = Result<Mode, ListError>> + Send;

    /// Events made in a window.
    fn events(
        &self,
        book: &Book,
        window: Window,
        after: Option<&EventId>,
    ) -> impl Future<Output = Result<ListedEvents, ListError>> + Send;

    /// What an account holds now.
    fn balance(&self, book: &Book) -> impl Future<Output = Result<Balance, ListError>> + Send;

    /// Payouts made in a window.
    fn payouts(
        &self,
        book: &Book,
        window: Window,
        after: Option<&ObjectId>,
    ) -> impl Future<Output = Result<Payouts, ListError>> + Send;

    /// What an automatic payout paid out, itself among it. `stake` is as of
    /// [`Transactions::page`](crate::ledger::Transactions::page).
    fn paid_out(
        &self,
        book: &Book,
        payout: &ObjectId,
        after: Option<&ObjectId>,
        stake: u64,
    ) -> impl Future<Output = Result<Page, ListError>> + Send;

    /// What a notice says of an event that Stripe could not make: only this look tells.
    /// `None` if Stripe does not know the notice, or not any more.
    fn failure(
        &self,
        book: &Book,
        notice: &EventId,
    ) -> impl Future<Output = Result<Option<Failure>, ListError>> + Send;

    /// What Stripe shows of an object now; `None` if it shows nothing, or nothing that
    /// the domain has a state for.
    fn shown(
        &self,
        object: &ObjectKey,
    ) -> impl Future<Output = Result<Option<State>, ListError>> + Send;

    /// A page of the platform's connected accounts, and after which the next begins.
    fn accounts(
        &self,
        after: Option<&AccountId>,
    ) -> impl Future<Output = Result<(Vec<AccountId>, Option<AccountId>), ListError>> + Send;
}

/// Report runs under way at Stripe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Runs(pub Vec<String>);

/// What reports of some days add up to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reported {
    /// The activity of all books, by day and currency.
    pub digests: Digests,
    /// What the automatic payouts of these days paid out.
    pub paid_out: report::PaidOut,
}

/// Stripe's reports of activity and of what payouts paid out: the platform's, and those
/// of all connected accounts.
pub trait Reports: Sync {
    /// Asks for the reports of all days from `first` to `last`. `None` if Stripe does not
    /// have all of them yet.
    fn start(
        &self,
        mode: Mode,
        first: Day,
        last: Day,
    ) -> impl Future<Output = Result<Option<Runs>, ListError>> + Send;

    /// What the reports add up to. `None` if they are not finished yet.
    fn fold(&self, runs: &Runs)
    -> impl Future<Output = Result<Option<Reported>, ListError>> + Send;
}

/// Our books, read.
pub trait Books: Sync {
    /// Every movement that is filed under a day.
    fn held(
        &self,
        book: &Book,
        day: Day,
    ) -> impl Future<Output = Result<Vec<Held>, LedgerError>> + Send;

    /// The entries of one object's movements.
    fn entries(
        &self,
        book: &Book,
        source: &ObjectId,
    ) -> impl Future<Output = Result<Vec<Entry>, LedgerError>> + Send;

    /// Those of these entries that are there, in any order.
    fn posted(
        &self,
        book: &Book,
        keys: &[EntryKey],
    ) -> impl Future<Output = Result<Vec<Entry>, LedgerError>> + Send;
}

/// An object as the mirror shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// What it says of it.
    pub state: State,
    /// When that was so, unix seconds by Stripe's clock.
    pub at: i64,
}

/// The mirror, read.
pub trait Mirror: Sync {
    /// What it shows of an object; `None` if it has never seen it, or it is gone.
    fn seen(
        &self,
        object: &ObjectKey,
    ) -> impl Future<Output = Result<Option<Seen>, SendError>> + Send;

    /// The same, whenever that was so.
    fn state(
        &self,
        object: &ObjectKey,
    ) -> impl Future<Output = Result<Option<State>, SendError>> + Send {
        async { Ok(self.seen(object).await?.map(|seen| seen.state)) }
    }
}

/// A finding as it is stored, with the number of its revision.
pub type Stored = (Finding, u64);

/// The findings.
pub trait Findings: Sync {
    /// Those of a book with these [keys](Finding::key), as far as there are any.
    fn load(
        &self,
        book: &Book,
        keys: &[String],
    ) -> impl Future<Output = Result<BTreeMap<String, Stored>, ControlError>> + Send;

    /// The open ones of a book.
    fn open(&self, book: &Book) -> impl Future<Output = Result<Vec<Stored>, ControlError>> + Send;

    /// How many findings of a mode wait for a person.
    fn waiting(&self, mode: Mode) -> impl Future<Output = Result<Waiting, ControlError>> + Send;

    /// The books of a mode that have an open finding of this code; of very many findings
    /// of the mode, those with most at stake are looked through.
    fn books_with(
        &self,
        mode: Mode,
        code: Code,
    ) -> impl Future<Output = Result<BTreeSet<Book>, ControlError>> + Send;

    /// Writes a finding, if its stored revision is still this one; 0 if there is none.
    fn save(
        &self,
        finding: &Finding,
        revision: u64,
    ) -> impl Future<Output = Result<(), ControlError>> + Send;
}

/// How many findings wait for a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// All of them.
    pub findings: usize,
    /// Those of [balances](tributary_reconciliation::finding::Code::is_residual).
    pub residuals: usize,
}

impl Waiting {
    /// Counts an open finding, if it waits.
    pub fn count(&mut self, finding: &Finding) {
        if finding.waits_for_a_person() {
            self.findings += 1;
            self.residuals += usize::from(finding.code.is_residual());
        }
    }
}

impl<F: Findings> Findings for &F {
    async fn load(
        &self,
        book: &Book,
        keys: &[String],
    ) -> Result<BTreeMap<String, Stored>, ControlError> {
        F::load(self, book, keys).await
    }

    async fn open(&self, book: &Book) -> Result<Vec<Stored>, ControlError> {
        F::open(self, book).await
    }

    async fn waiting(&self, mode: Mode) -> Result<Waiting, ControlError> {
        F::waiting(self, mode).await
    }

    async fn books_with(&self, mode: Mode, code: Code) -> Result<BTreeSet<Book>, ControlError> {
        F::books_with(self, mode, code).await
    }

    async fn save(&self, finding: &Finding, revision: u64) -> Result<(), ControlError> {
        F::save(self, finding, revision).await
    }
}

/// What the control table can answer instead of success.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Another worker was first.
    #[error("changed by another worker")]
    Conflict,
    /// It may or may not have happened: try again later.
    #[error("unavailable: {0}")]
    Transient(String),
    /// Trying again cannot help.
    #[error("refused: {0}")]
    Invalid(String),
}

/// How far a job has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Grows by one with every change.
    pub seq: u64,
    /// Where to go on; the job's own form.
    pub cursor: Option<String>,
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is this worker's now; here is how far it had come.
    Mine(Progress),
    /// Another worker is at it.
    Held,
    /// It was done before.
    Done,
}

/// Who does what, and how far everything has come.
pub trait Control: Sync {
    /// Claims a job until a time (unix seconds), unless it is done or another's.
    fn claim(
        &self,
        name: &str,
        worker: &str,
        now: i64,
        until: i64,
    ) -> impl Future<Output = Result<Claim, ControlError>> + Send;

    /// Keeps a job's place, if it is still this worker's and at the step before.
    fn advance(
        &self,
        name: &str,
        worker: &str,
        progress: &Progress,
    ) -> impl Future<Output = Result<(), ControlError>> + Send;

    /// Gives a job back: `done`, or for another worker to go on with.
    fn release(
        &self,
        name: &str,
        worker: &str,
        done: bool,
    ) -> impl Future<Output = Result<(), ControlError>> + Send;

    /// How far an account has come; the default if nobody has looked.
    fn coverage(&self, book: &Book) -> impl Future<Output = Result<Coverage, ControlError>> + Send;

    /// Writes that down, if it is still at the step before.
    fn cover(
        &self,
        book: &Book,
        coverage: &Coverage,
    ) -> impl Future<Output = Result<(), ControlError>> + Send;

    /// The books that are known, by page: the next begins after the last of this one,
    /// and an empty one is the end.
    fn roster(
        &self,
        mode: Mode,
        after: Option<&str>,
    ) -> impl Future<Output = Result<Roster, ControlError>> + Send;

    /// Counts one on a counter, unless it has reached `cap`. Says whether it did.
    fn spend(
        &self,
        counter: &str,
        cap: u32,
    ) -> impl Future<Output = Result<bool, ControlError>> + Send;
}

/// A page of books.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roster {
    /// The books, and how far each has come.
    pub books: Vec<(Book, Coverage)>,
    /// Where the next page begins; `None` if this is the last.
    pub next: Option<String>,
}

/// The queue of jobs.
pub trait Jobs: Sync {
    /// Asks for a job, no earlier than `delay_s` seconds from now, 900 at most.
    fn send(&self, job: &Job, delay_s: u16) -> impl Future<Output = Result<(), SendError>> + Send;
}
