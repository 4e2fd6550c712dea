//! Payouts on their way: whether they should have arrived long ago, and whether those
//! that should have did. And all that is under way by what the ledger knows, disputes and
//! top-ups too: whether the mirror knows better.
//!
//! What is read is ours, so that all of it can be looked at every day: the shelves, which
//! the ledger keeps by what events tell, and the mirror.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use serde::{Deserialize, Serialize};
use tributary_domain::change::State;
use tributary_domain::{Mode, ObjectId, ObjectKey, ObjectKind};
use tributary_ledger::views::Shelf;
use tributary_ledger::{Book, Fact, Says};
use tributary_reconciliation::compare::payout;
use tributary_reconciliation::finding::{Code, Finding, Scope};

use super::payouts::KIND;
use super::ports::{Control, Findings, Mirror};
use super::settle::{Means, Settled, close};
use super::work::{Place, Turn, WorkError, World};
use super::{Job, facts};
use crate::ledger::{LedgerError, Watch};

/// A page of a shelf.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shelved {
    /// What the ledger knows of the objects, book by book.
    pub facts: Vec<(Book, Fact)>,
    /// Where the next page begins; `None` if this is the last.
    pub next: Option<String>,
}

/// What is under way, of all books.
pub trait UnderWay: Sync {
    /// A page of a mode's shelf, of some hundred objects at most. It may miss what was
    /// told a moment ago.
    fn under_way(
        &self,
        mode: Mode,
        shelf: &Shelf,
        after: Option<&str>,
    ) -> impl Future<Output = Result<Shelved, LedgerError>> + Send;
}

/// What is looked through, in this order.
const SHELVES: [Shelf; 2] = [Shelf::UnderWay, Shelf::Undecided];

/// Where a look stands.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Cursor {
    /// Shelves that were looked through.
    read: usize,
    /// Where the next page of the shelf begins.
    after: Option<String>,
    /// The last book of which it was looked whether what was found is gone.
    closed: Option<Book>,
}

/// The comparison. A look at holdings finds the same, but closes only what it has found
/// itself: it does not see payouts that are older than its window.
fn scope() -> Scope {
    Scope::new("payouts", "under_way")
}

pub(super) async fn turn<W: World, T: Watch>(
    mut place: Place<'_, W, T>,
    job: &Job,
) -> Result<Turn, WorkError> {
    let (Job::UnderWay { mode, .. }, Ok(kind)) = (job, ObjectKind::parse(KIND)) else {
        return Ok(Turn::Done(Settled::default(), vec![]));
    };
    let mut settled = Settled::default();
    let mut cursor: Cursor = place.cursor();
    while let Some(shelf) = SHELVES.get(cursor.read) {
        let after = cursor.after.as_deref();
        let page = place.world.ledger().under_way(*mode, shelf, after).await?;
        for (book, found) in late(&place, &kind, &page.facts).await? {
            settled.add(&place.settle(&book, found, &Means::default()).await?);
        }
        settled.add(&facts::look_at_shelf(&place, &page.facts).await?);
        cursor.read += usize::from(page.next.is_none());
        cursor.after = page.next;
        place.keep(&cursor).await?;
        if !place.watch.has_time() {
            return Ok(Turn::Later(0));
        }
    }
    let findings = place.world.findings();
    let mut books = findings.books_with(*mode, Code::PayoutStuck).await?;
    for code in facts::CODES {
        books.extend(findings.books_with(*mode, code).await?);
    }
    for book in books {
        if cursor.closed.as_ref().is_some_and(|closed| book <= *closed) {
            continue;
        }
        settled.gone += close_arrived(&place, &kind, &book).await?;
        settled.gone += facts::close_told(&place, &book).await?;
        cursor.closed = Some(book);
        if !place.watch.has_time() {
            place.keep(&cursor).await?;
            return Ok(Turn::Later(0));
        }
    }
    Ok(Turn::Done(settled, vec![]))
}

/// What is found of the payouts of a page, by book. Of an account that has left, nobody
/// can say whether its payouts arrive.
async fn late<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    kind: &ObjectKind,
    payouts: &[(Book, Fact)],
) -> Result<BTreeMap<Book, Vec<Finding>>, WorkError> {
    let (now, scope) = (place.run.now, scope());
    let mut late = BTreeMap::<Book, Vec<Finding>>::new();
    for (book, fact) in payouts {
        let Says::Payout(told) = &fact.says else {
            continue;
        };
        let Some(found) = payout::stuck(book, &fact.id, told, &scope, now) else {
            continue;
        };
        if !has_arrived(place, kind, book, &fact.id).await? {
            late.entry(book.clone()).or_default().push(found);
        }
    }
    for book in late.keys().cloned().collect::<Vec<_>>() {
        let coverage = place.world.control().coverage(&book).await?;
        if coverage.closed_at.is_some() {
            late.remove(&book);
        }
    }
    Ok(late)
}

/// Whether the mirror knows that a payout is not stuck, or not any more.
async fn has_arrived<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    kind: &ObjectKind,
    book: &Book,
    id: &ObjectId,
) -> Result<bool, WorkError> {
    let key = ObjectKey {
        mode: book.mode,
        owner: book.owner.clone(),
        kind: kind.clone(),
        id: id.clone(),
    };
    let Some(State::Payout(shown)) = place.world.mirror().state(&key).await? else {
        return Ok(false);
    };
    Ok(payout::stuck(book, id, &*shown, &scope(), place.run.now).is_none())
}

/// Closes what was found of payouts that have arrived since, or came back.
async fn close_arrived<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    kind: &ObjectKind,
    book: &Book,
) -> Result<usize, WorkError> {
    let open = place.world.findings().open(book).await?;
    let stuck = open.iter().map(|(finding, _)| finding);
    let mut arrived = BTreeSet::new();
    for finding in stuck.filter(|finding| finding.code == Code::PayoutStuck) {
        if let Ok(id) = ObjectId::parse(&finding.subject)
            && has_arrived(place, kind, book, &id).await?
        {
            arrived.insert(finding.key());
        }
    }
    let is_gone = |finding: &Finding| arrived.contains(&finding.key());
    close(place.world, book, place.run.now, is_gone).await
}
