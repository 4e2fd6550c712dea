//! The entries of a day: each is there, says what was counted, explains itself, and
//! has its other side in the other book. All of it is in our own tables.

use std::collections::BTreeMap;

use tributary_domain::{ObjectId, Owner};
use tributary_ledger::{Book, Entry};
use tributary_reconciliation::compare::books::{Wanted, compare, wanted};
use tributary_reconciliation::compare::entry::inspect;
use tributary_reconciliation::compare::lines::Held;
use tributary_reconciliation::finding::{Code, Finding};

use super::day::Work;
use super::ports::Books;
use super::settle::Means;
use super::work::{WorkError, World};
use crate::ledger::Watch;

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
    let Some(wanted) = wanted(entry) else {
        return Ok(found);
    };
    let Some((book, object)) = place_of(work.book, &wanted) else {
        return Ok(found);
    };
    let theirs = work.place.world.ledger().entries(&book, &object).await?;
    let other = (&book, theirs.as_slice());
    let finding = compare(entry, &wanted, other, &work.scope, now);
    found.extend(finding.map(|finding| finding.with("created", entry.created)));
    Ok(found)
}

/// In which book the other side is, and under which object.
fn place_of(book: &Book, wanted: &Wanted) -> Option<(Book, ObjectId)> {
    let (owner, object) = match wanted {
        Wanted::Transfer(transfer) => (Owner::Platform, transfer),
        Wanted::Payment {
            destination,
            payment,
        } => (Owner::parse(destination).ok()?, payment),
        Wanted::FeePayer { account, charge } => (Owner::parse(account).ok()?, charge),
    };
    let mode = book.mode;
    Some((Book { mode, owner }, object.clone()))
}
