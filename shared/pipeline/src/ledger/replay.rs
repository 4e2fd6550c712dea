//! Replay with proof: the ledger made again, beside the one in use, from the movements
//! that its entries keep, and compared with it. Nothing in use is touched until
//! somebody asks for the difference to be taken over.
//!
//! The rebuild is a pull like any other, by the same code: only the list is our own
//! instead of Stripe's. What was taken back by an entry of its own is left out on both
//! sides; it amounts to nothing.

mod compare;
mod list;
mod swap;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use futures_util::{StreamExt, TryStreamExt, stream};
use tributary_domain::ObjectId;
use tributary_ledger::{Book, Day, Entry};

use super::concern::{About, Concern};
use super::explain::{explain, learn};
use super::ports::{Doubts, Filed, Ledger, LedgerError, PullRequest, Stories, Watch};
use super::pull::{Ports, PullError, Pulled, Tally, pull};
use super::state::Totals;
use crate::ports::SendError;

pub use compare::{Difference, Differences, compare, fingerprint};
use list::Stored;
pub use swap::{Taken, take_over};

/// Objects that are looked at side by side.
const SIDE_BY_SIDE: usize = 16;

/// A ledger that can be read as a whole: for tools, never for a function.
pub trait Whole: Ledger + Stories {
    /// The books that were ever counted.
    fn books(&self) -> impl Future<Output = Result<BTreeSet<Book>, LedgerError>> + Send;

    /// Every object under which anything is kept.
    fn objects(
        &self,
    ) -> impl Future<Output = Result<BTreeSet<(Book, ObjectId)>, LedgerError>> + Send;

    /// What was counted of each day of a book, closed or not.
    fn days(
        &self,
        book: &Book,
    ) -> impl Future<Output = Result<BTreeMap<Day, Totals>, LedgerError>> + Send;

    /// Every movement that is filed under a day.
    fn movements(
        &self,
        book: &Book,
        day: Day,
    ) -> impl Future<Output = Result<Vec<Filed>, LedgerError>> + Send;

    /// Puts an entry in the place of the one that was `seen` there.
    fn replace(
        &self,
        entry: &Entry,
        seen: &Entry,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;
}

/// What a rebuild did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Books.
    pub books: usize,
    /// Entries posted again.
    pub posted: usize,
    /// Facts kept again.
    pub facts: usize,
    /// Entries derived again.
    pub derived: usize,
    /// Movements that were counted and have no entry to be posted from.
    pub missing: usize,
}

/// Makes a ledger again in `shadow`. One that was cut off goes on when it is begun
/// again.
///
/// # Errors
/// When either ledger fails.
pub async fn rebuild<L: Whole, S: Ledger + Stories>(
    live: &L,
    shadow: &S,
    now: i64,
) -> Result<Rebuilt, PullError> {
    let mut rebuilt = Rebuilt::default();
    for book in live.books().await? {
        let state = live.state(&book).await?;
        let stored = Stored::of(live, &book).await?;
        let mut tally = Tally::default();
        let ports = Ports {
            transactions: &stored,
            ledger: shadow,
            doubts: &Unheard,
            watch: &AtLeisure(now),
            worker: &worker(state.seq),
        };
        let request = PullRequest {
            book,
            until: state.answered,
            since: Some(i64::MIN),
            stake: 0,
        };
        if pull(&ports, &request, &mut tally).await? != Pulled::Finished {
            let held = "somebody else is rebuilding into the same table".to_owned();
            return Err(LedgerError::Invalid(held).into());
        }
        rebuilt.books += 1;
        rebuilt.posted += tally.posted;
        rebuilt.derived += tally.derived;
        rebuilt.missing += stored.missing();
    }
    let told = stream::iter(live.objects().await?).map(async |(book, object)| {
        let Some(fact) = live.node(&book, &object).await?.fact else {
            return Ok::<_, LedgerError>(None);
        };
        learn(shadow, &book, &fact).await?;
        let root = fact.belongs_to().unwrap_or(&fact.id).clone();
        // A story that cannot be told was noted when it was posted.
        let explained = explain(shadow, &book, BTreeSet::from([root])).await?;
        Ok(Some(explained.derived))
    });
    let told: Vec<_> = told.buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
    for derived in told.into_iter().flatten() {
        rebuilt.facts += 1;
        rebuilt.derived += derived;
    }
    Ok(rebuilt)
}

/// The name that a rebuild signs with: it says which state of the book it has read.
fn worker(seq: u64) -> String {
    format!("replay of {seq}")
}

/// What was noted when it was posted is not noted again.
struct Unheard;

impl Doubts for Unheard {
    async fn record(&self, _: &About<'_>, _: &Concern, _: i64) -> Result<(), SendError> {
        Ok(())
    }
}

/// A tool has all the time in the world.
struct AtLeisure(i64);

impl Watch for AtLeisure {
    fn now(&self) -> i64 {
        let Self(now) = *self;
        now
    }

    fn has_time(&self) -> bool {
        true
    }
}
