//! Pulling one book.

mod run;

use std::collections::BTreeSet;

use tributary_domain::ObjectId;
use tributary_ledger::Book;

use super::concern::{About, Concern, Known};
use super::explain::explain;
use super::ports::{
    Doubts, Ledger, LedgerError, ListError, Page, PullRequest, Stories, Transactions, Watch, Window,
};
use super::state::{BookState, Pull};
use crate::ports::SendError;
use run::Run;

/// How far before the newest known movement late ones are looked for, in seconds.
/// What comes even later, reconciliation finds.
pub const OVERLAP_S: i64 = 3600;
/// Seconds before the newest known movement in which a page of known ones does not end
/// that search: a list may be a little behind what is booked.
pub const RECENT_S: i64 = 15;
/// For how long others leave a book alone after a sign of life, in seconds: longer
/// than one page takes with all its tries.
pub const LEASE_S: i64 = 120;
/// Times that a book is looked at anew because another worker was first, or because
/// the pull of another had to be finished before.
const ROUNDS_MAX: u32 = 4;
/// What a pull works with.
#[derive(Debug)]
pub struct Ports<'a, T, L, D, W> {
    /// Stripe's list.
    pub transactions: &'a T,
    /// The ledger.
    pub ledger: &'a L,
    /// Where concerns are noted.
    pub doubts: &'a D,
    /// How late it is.
    pub watch: &'a W,
    /// Names this worker; no two have one name.
    pub worker: &'a str,
}

impl<T, L: Stories, D: Doubts, W: Watch> Ports<'_, T, L, D, W> {
    /// Brings up to date what is derived from objects. One whose story cannot be told is
    /// noted, and tried again when it is touched the next time: the others of its book
    /// do not wait for it.
    pub(super) async fn explain(
        &self,
        book: &Book,
        objects: BTreeSet<ObjectId>,
        tally: &mut Tally,
    ) -> Result<(), PullError> {
        let explained = explain(self.ledger, book, objects).await?;
        tally.derived += explained.derived;
        for (object, reason) in explained.unexplained {
            let about = About {
                book,
                transaction: &object,
                known: Known::Nothing,
            };
            self.note(&about, &Concern::Unexplained(reason), tally)
                .await?;
        }
        Ok(())
    }

    async fn note(
        &self,
        about: &About<'_>,
        concern: &Concern,
        tally: &mut Tally,
    ) -> Result<(), PullError> {
        tributary_telemetry::warn!(
            "a concern",
            code = concern.code(),
            book = about.book,
            transaction = about.transaction
        );
        tally.concerns += 1;
        Ok(self.doubts.record(about, concern, self.watch.now()).await?)
    }
}

/// How a pull ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pulled {
    /// Everything asked for has been posted.
    Finished,
    /// An earlier pull had answered already.
    Answered,
    /// Another worker is at it: ask again later.
    Held,
    /// Time ran out between two pages: ask again at once.
    Paused,
}

/// What was done, to be logged and counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Pages listed: calls of Stripe's API.
    pub pages: usize,
    /// Movements listed.
    pub listed: usize,
    /// Entries posted.
    pub posted: usize,
    /// Entries derived from them.
    pub derived: usize,
    /// Concerns noted.
    pub concerns: usize,
}

impl Tally {
    /// Adds what another pull did.
    pub fn add(&mut self, other: &Self) {
        self.pages += other.pages;
        self.listed += other.listed;
        self.posted += other.posted;
        self.derived += other.derived;
        self.concerns += other.concerns;
    }
}

/// Why a pull did not end.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// Stripe did not list.
    #[error(transparent)]
    List(#[from] ListError),
    /// The ledger did not answer.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A concern was not noted, or a pull not asked for anew.
    #[error(transparent)]
    Send(#[from] SendError),
}

/// Pulls a book until a request is answered. Whoever calls it again after an error,
/// with the same request, goes on where it stopped.
///
/// # Errors
/// When a port fails; see its reaction.
pub async fn pull<T: Transactions, L: Ledger + Stories, D: Doubts, W: Watch>(
    ports: &Ports<'_, T, L, D, W>,
    request: &PullRequest,
    tally: &mut Tally,
) -> Result<Pulled, PullError> {
    for _ in 0..ROUNDS_MAX {
        let state = ports.ledger.state(&request.book).await?;
        if request.since.is_none() && state.answers(request.until) {
            return Ok(Pulled::Answered);
        }
        if state.is_held(ports.worker, ports.watch.now()) {
            return Ok(Pulled::Held);
        }
        let mut run = Run::new(ports, request, state, tally);
        match run.run_on().await {
            Ok(true) if run.pull.serves(request) => return Ok(Pulled::Finished),
            Ok(true) => {}
            Ok(false) => return Ok(Pulled::Paused),
            Err(PullError::Ledger(LedgerError::Conflict)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Pulled::Held)
}

impl Pull {
    /// The pull that answers a request.
    fn of(request: &PullRequest, state: &BookState, now: i64) -> Self {
        let newest = state.newest.filter(|_| request.since.is_none());
        let back = |seconds: i64| newest.map(|newest| newest.saturating_sub(seconds));
        Self {
            from: request.since.or(back(OVERLAP_S)),
            to: request.until.max(now),
            answers: request.until,
            known_to: back(RECENT_S),
            newest: None,
            pages: 0,
            before: None,
            next: None,
            unposted: Vec::new(),
        }
    }

    /// Whether a request is answered when this is finished.
    fn serves(&self, request: &PullRequest) -> bool {
        let far_enough_back = match request.since {
            Some(since) => self.known_to.is_none() && self.from.is_none_or(|from| from <= since),
            None => true,
        };
        far_enough_back && self.answers >= request.until
    }

    /// Whether all of the window was listed before: to find what was missed or is gone.
    fn lists_again(&self) -> bool {
        self.known_to.is_none() && self.from.is_some()
    }

    fn window(&self) -> Window {
        Window {
            from: self.from,
            to: self.to,
        }
    }

    /// Whether nothing can follow a page that would have to be listed: there is
    /// nothing, or all of the page was listed before, long enough ago.
    fn ends_with(&self, page: &Page, is_known: bool) -> bool {
        let all_older = |known_to| page.transactions.iter().all(|t| t.created < known_to);
        page.next.is_none() || (is_known && self.known_to.is_some_and(all_older))
    }
}
