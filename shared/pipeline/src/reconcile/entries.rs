//! The entries of a day: each is there, says what was counted, explains itself, and
//! has its other side in the other book. All of it is in our own tables.

use std::collections::BTreeMap;

use tributary_domain::ObjectId;
use tributary_ledger::fact::Says;
use tributary_ledger::{Book, Entry, Fact};
use tributary_reconciliation::compare::books::{Wanted, compare, wanted};
use tributary_reconciliation::compare::entry::inspect;
use tributary_reconciliation::compare::lines::Held;
use tributary_reconciliation::finding::{Code, Finding};

use super::day::Work;
use super::facts;
use super::ports::Books;
use super::settle::Means;
use super::work::{WorkError, World};
use crate::ledger::{Stories, Watch};

/// Lines looked at between two notes of the place.
const LOOKED_MAX: usize = 200;

/// Looks at the entries of our lines. `false` when time is up.
pub(super) async fn look<W: World, T: Watch>(
    work: &mut Work<'_, '_, W, T>,
    ours: &[Held],
) -> Result<bool, WorkError> {
    while work.cursor.looked < ours.len() {
        let lines = ours.iter().skip(work.cursor.looked).take(LOOKED_MAX);
        let mut by_source: BTreeMap<&ObjectId, Vec<&Held>> = BTreeMap::new();
        for line in lines {
            by_source.entry(&line.source).or_default().push(line);
        }
        let mut found = Vec::new();
        let sources: Vec<_> = by_source.keys().map(|source| (*source).clone()).collect();
        for (source, lines) in by_source {
            let entries = work.place.world.ledger().entries(work.book, source).await?;
            for line in lines {
                match entries
                    .iter()
                    .find(|entry| entry.transaction == line.transaction)
                {
                    None => {
                        work.cursor.lost.insert(line.transaction.clone());
                    }
                    Some(entry) => found.extend(one(work, line, entry).await?),
                }
            }
        }
        work.settle(found, &Means::default()).await?;
        let told = facts::look(&work.place, work.book, sources).await?;
        work.settled.add(&told);
        work.cursor.looked = work
            .cursor
            .looked
            .saturating_add(LOOKED_MAX)
            .min(ours.len());
        if work.cursor.looked < ours.len() {
            work.keep().await?;
            if !work.place.watch.has_time() {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

async fn one<W: World, T: Watch>(
    work: &Work<'_, '_, W, T>,
    line: &Held,
    entry: &Entry,
) -> Result<Vec<Finding>, WorkError> {
    let now = work.place.run.now;
    let mut found = inspect(entry, &work.scope, now);
    if entry.net != line.net || entry.currency != line.currency {
        found.push(
            Finding::new(
                Code::AmountMismatch,
                work.book,
                &entry.transaction,
                &work.scope,
                now,
            )
            .with("entry", format_args!("{} {}", entry.net, entry.currency))
            .with("counted", format_args!("{} {}", line.net, line.currency))
            .at_stake(i128::from(entry.net) - i128::from(line.net), &line.currency),
        );
    }
    for wanted in wanted(entry) {
        let Some((book, theirs)) = other_side(work, &wanted).await? else {
            continue;
        };
        let finding = compare(entry, &wanted, (&book, &theirs), &work.scope, now);
        found.extend(finding.map(|finding| finding.with("created", entry.created)));
    }
    Ok(found)
}

/// The other book, and its entries that may be the other side; `None` if nothing tells
/// where to look, or if what is looked for has yet to be booked.
async fn other_side<W: World, T: Watch>(
    work: &Work<'_, '_, W, T>,
    wanted: &Wanted,
) -> Result<Option<(Book, Vec<Entry>)>, WorkError> {
    let ledger = work.place.world.ledger();
    let told = match wanted.told_by() {
        Some(object) => ledger.entries(work.book, object).await?,
        None => Vec::new(),
    };
    let Some(place) = wanted.place(&told) else {
        return Ok(None);
    };
    let book = Book {
        mode: work.book.mode,
        owner: place.owner,
    };
    let mut theirs = ledger.entries(&book, &place.object).await?;
    let Some(above) = &place.above else {
        return Ok(Some((book, theirs)));
    };
    let mut is_waited_for = false;
    for member in ledger.node(&book, above).await?.members {
        let node = ledger.node(&book, &member).await?;
        is_waited_for |= node.entries.is_empty() && node.fact.as_ref().is_some_and(is_pending);
        theirs.extend(node.entries);
    }
    // An account that is short of money refunds later, and what comes back to it of the
    // fee comes with that.
    Ok((!is_waited_for).then_some((book, theirs)))
}

/// Whether a refund waits for the money that it is to be paid from.
fn is_pending(fact: &Fact) -> bool {
    let Says::Refund(refund) = &fact.says else {
        return false;
    };
    refund.status.as_deref() == Some("pending")
}
