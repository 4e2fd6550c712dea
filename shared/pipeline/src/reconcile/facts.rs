//! What the ledger knows of payouts, disputes and top-ups, held against the mirror.
//!
//! The ledger hears of them by events on the bus. One that is lost on its way there is
//! announced by nobody again: the mirror knows how a dispute ended, and the ledger waits
//! for it to end. So whoever looks at such an object anyway compares the two, without a
//! call of Stripe's, and tells the ledger what it has missed.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt, stream};
use tributary_domain::change::State;
use tributary_domain::{ObjectId, ObjectKey, ObjectKind};
use tributary_ledger::{Account, Balances, Book, Fact, Head, Says, Violation, invariants};
use tributary_reconciliation::compare::fact::{behind, compare, in_transit, scope};
use tributary_reconciliation::finding::{Code, Finding};

use super::plan::ON_THE_WAY_S;
use super::ports::{Findings, Mirror, Seen};
use super::settle::{Means, Settled, close};
use super::work::{Place, WorkError, World};
use crate::ledger::mark::transactions;
use crate::ledger::{LedgerError, Node, Stories, Watch};
use crate::ports::SendError;

/// Objects that are read side by side.
const SIDE_BY_SIDE: usize = 8;
/// Kinds of objects of which the ledger keeps facts, by the prefixes of their ids.
const KINDS: [(&str, &str); 4] = [
    ("po_", "payout"),
    ("dp_", "dispute"),
    ("du_", "dispute"),
    ("tu_", "topup"),
];
/// What is found here.
pub(super) const CODES: [Code; 2] = [Code::StatusMismatch, Code::StaleMirror];

/// The object of which the ledger keeps facts; `None` if an id is of no such.
fn object(book: &Book, id: &ObjectId) -> Option<ObjectKey> {
    let mut kinds = KINDS.iter();
    let (_, kind) = kinds.find(|(prefix, _)| id.as_str().starts_with(prefix))?;
    Some(ObjectKey {
        mode: book.mode,
        owner: book.owner.clone(),
        kind: ObjectKind::parse(kind).ok()?,
        id: id.clone(),
    })
}

/// What differs of one object.
struct Differing {
    finding: Finding,
    /// What to tell the ledger.
    fact: Fact,
}

/// Compares the facts on a page of a shelf, and tells the ledger what it has missed.
pub(super) async fn look_at_shelf<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    shelved: &[(Book, Fact)],
) -> Result<Settled, WorkError> {
    let each = stream::iter(shelved).map(async |(book, known)| {
        let Some(object) = object(book, &known.id) else {
            return Ok(None);
        };
        let seen = seen(place, &object).await?;
        // A shelf may be a moment behind, but what it lacks is no older than that.
        let agrees = seen.is_none_or(|seen| {
            let shown = behind(Some(known), &object, &seen.state);
            shown.is_none_or(|shown| shown.says == known.says)
        });
        Ok::<_, WorkError>((!agrees).then(|| (book.clone(), known.id.clone())))
    });
    let each: Vec<_> = each.buffered(SIDE_BY_SIDE).try_collect().await?;
    let mut books: BTreeMap<Book, BTreeSet<ObjectId>> = BTreeMap::new();
    for (book, id) in each.into_iter().flatten() {
        books.entry(book).or_default().insert(id);
    }
    let mut settled = Settled::default();
    for (book, ids) in books {
        settled.add(&look(place, &book, ids).await?);
    }
    Ok(settled)
}

/// Compares what the ledger knows of objects of a book, and tells it what it has missed.
/// Others than those of which facts are kept are passed over.
pub(super) async fn look<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    book: &Book,
    ids: impl IntoIterator<Item = ObjectId>,
) -> Result<Settled, WorkError> {
    let (mut found, mut means) = (Vec::new(), Means::default());
    for id in ids {
        if let Some(one) = differing(place, book, &id).await? {
            found.push(one.finding);
            means.facts.insert(id, one.fact);
        }
    }
    place.settle(book, found, &means).await
}

/// Closes what was found of objects on which both agree again.
pub(super) async fn close_told<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    book: &Book,
) -> Result<usize, WorkError> {
    let open = place.world.findings().open(book).await?;
    let mut agreed = BTreeSet::new();
    for (finding, _) in open.iter().filter(|(one, _)| one.scope == scope()) {
        if let Ok(id) = ObjectId::parse(&finding.subject)
            && differing(place, book, &id).await?.is_none()
        {
            agreed.insert(finding.key());
        }
    }
    let is_gone = |one: &Finding| one.scope == scope() && agreed.contains(&one.key());
    close(place.world, book, place.run.now, is_gone).await
}

/// What the mirror shows of an object, if that was so long enough ago that an event has
/// told of it. What it cannot read is left to those who announce it.
async fn seen<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    object: &ObjectKey,
) -> Result<Option<Seen>, WorkError> {
    let told_of = place.run.now.saturating_sub(ON_THE_WAY_S);
    match place.world.mirror().seen(object).await {
        Ok(seen) => Ok(seen.filter(|seen| seen.at <= told_of)),
        Err(SendError::Invalid(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Holds one object's fact against the mirror. The ledger is read first: the mirror is
/// then at least as new as what the ledger has heard of it.
async fn differing<W: World, T: Watch>(
    place: &Place<'_, W, T>,
    book: &Book,
    id: &ObjectId,
) -> Result<Option<Differing>, WorkError> {
    let Some(object) = object(book, id) else {
        return Ok(None);
    };
    let node = match place.world.ledger().node(book, id).await {
        Ok(node) => node,
        // An item of it is damaged, or a later version's: others look after that.
        Err(LedgerError::Invalid(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let Some(Seen { state, .. }) = seen(place, &object).await? else {
        return Ok(None);
    };
    let known = node.fact.as_ref();
    let Some(fact) = behind(known, &object, &state) else {
        return Ok(None);
    };
    let now = place.run.now;
    let finding = compare(&object, known, &fact, &state, now).or_else(|| {
        let amount = still_in_transit(&node, id, &state)?;
        Some(in_transit(&object, &fact, amount, &state, now))
    });
    Ok(finding.map(|finding| Differing { finding, fact }))
}

/// Invariant I6 of a payout all of whose movements have entries: what is under way of it
/// although it is over, minor units.
fn still_in_transit(node: &Node, id: &ObjectId, state: &State) -> Option<i64> {
    let (State::Payout(shown), Says::Payout(known)) = (state, &node.fact.as_ref()?.says) else {
        return None;
    };
    // One that did not arrive comes back by a movement of its own.
    let is_whole = known.status == "paid" || shown.failure_balance_transaction.is_some();
    let mut named = transactions(state).into_iter();
    let is_posted = |named: &str| {
        let mut entries = node.entries.iter();
        entries.any(|entry| entry.transaction.as_str() == named)
    };
    if !is_whole || !named.all(is_posted) {
        return None;
    }
    let on_its_way = Account::of(Head::PayoutInTransit, id);
    let entries = node.entries.iter().map(|entry| &entry.lines);
    let lines = entries.chain(node.derived.iter().map(|derived| &derived.lines));
    let mut balances = Balances::default();
    for line in lines.flatten().filter(|line| line.account == on_its_way) {
        balances.add(line.account.clone(), line.amount).ok()?;
    }
    match invariants::settled(id, known, &balances)? {
        Violation::StillInTransit { amount, .. } => Some(amount),
        _ => None,
    }
}
