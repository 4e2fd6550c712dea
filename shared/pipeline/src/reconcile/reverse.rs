//! Taking an entry back by another one. Nothing is deleted: the first stays, and so
//! does what takes it back.

use std::collections::{BTreeMap, BTreeSet};

use tributary_domain::ObjectId;
use tributary_ledger::views::{Month, MonthView};
use tributary_ledger::{Book, Entry, Line};
use tributary_reconciliation::finding::Finding;

use super::ports::Books;
use super::work::{WorkError, World};
use crate::ledger::{BookState, Commit, Filed, Ledger, LedgerError};

/// What ends the id of an entry that takes another one back.
const MARK: &str = ".reversal";
/// Times that the state is read again because a pull has changed it.
const CONFLICTS_MAX: u32 = 5;

/// Lines without those that were taken back, and without what took them. `key` names
/// a line's movement and the object it is kept under.
pub(crate) fn without_reversed<T>(
    lines: Vec<T>,
    key: impl Fn(&T) -> (ObjectId, ObjectId),
) -> Vec<T> {
    let takes = |line: &T| {
        let (transaction, source) = key(line);
        let taken = transaction.as_str().strip_suffix(MARK)?;
        Some((taken.to_owned(), source))
    };
    let taken: BTreeSet<_> = lines.iter().filter_map(takes).collect();
    let stays = |line: &T| {
        let (transaction, source) = key(line);
        !transaction.as_str().ends_with(MARK)
            && !taken.contains(&(transaction.as_str().to_owned(), source))
    };
    lines.into_iter().filter(stays).collect()
}

/// Takes back the later of two entries of one movement: the one that is not kept under
/// the object that Stripe names now. Says whether it did.
pub(super) async fn reverse_later<W: World>(
    world: &W,
    finding: &Finding,
    now: i64,
) -> Result<bool, WorkError> {
    let Some(duplicate) = later(world, finding).await? else {
        return Ok(false);
    };
    let Some(reversal) = reversal_of(&duplicate) else {
        return Ok(false);
    };
    let book = &finding.book;
    // Before it is counted: what is counted and not posted nobody would post.
    world
        .ledger()
        .post(book, std::slice::from_ref(&reversal))
        .await?;
    for _ in 0..CONFLICTS_MAX {
        let state = world.ledger().state(book).await?;
        let worker = format!("reconcile-{now}");
        let commit = take_back(world, book, &state, &worker, &duplicate, &reversal).await?;
        match world.ledger().commit(book, &commit).await {
            Err(LedgerError::Conflict) => {}
            committed => return Ok(committed.map(|()| true)?),
        }
    }
    Err(LedgerError::Conflict.into())
}

/// Of the entries that the evidence names, the last one. Which is first is the same on
/// every look: the order of their sources.
async fn later<W: World>(world: &W, finding: &Finding) -> Result<Option<Entry>, WorkError> {
    let sources = finding
        .evidence
        .get("sources")
        .map(String::as_str)
        .unwrap_or_default();
    let sources: BTreeSet<&str> = sources.split(' ').collect();
    let mut entries = Vec::new();
    for source in sources {
        let Ok(source) = ObjectId::parse(source) else {
            continue;
        };
        let of_source = world.ledger().entries(&finding.book, &source).await?;
        entries.extend(
            of_source
                .into_iter()
                .filter(|e| e.transaction.as_str() == finding.subject),
        );
    }
    // An entry without its object was posted before the object was known.
    entries.sort_by_key(|entry| entry.source.is_none());
    Ok(if entries.len() > 1 {
        entries.pop()
    } else {
        None
    })
}

/// The entry that takes another one back; `None` if a number does not fit.
fn reversal_of(entry: &Entry) -> Option<Entry> {
    let lines = entry.lines.iter().map(|line| {
        Some(Line {
            account: line.account.clone(),
            amount: line.amount.checked_neg()?,
        })
    });
    Some(Entry {
        transaction: ObjectId::parse(&format!("{}{MARK}", entry.transaction)).ok()?,
        amount: entry.amount.checked_neg()?,
        fee: entry.fee.checked_neg()?,
        net: entry.net.checked_neg()?,
        lines: lines.collect::<Option<_>>()?,
        // It is kept beside what it takes back.
        source: entry.source.clone(),
        ..entry.clone()
    })
}

/// The state without the duplicate: its digest goes, its sums are evened out, and the
/// reversal is filed under the duplicate's day.
async fn take_back<W: World>(
    world: &W,
    book: &Book,
    state: &BookState,
    worker: &str,
    duplicate: &Entry,
    reversal: &Entry,
) -> Result<Commit, WorkError> {
    let day = duplicate.day();
    let mut next = state.next(worker);
    let mut closed = BTreeMap::new();
    let totals = match next.days.get_mut(&day) {
        Some(totals) => totals,
        None => {
            let mut loaded = world.ledger().totals(book, &[day]).await?;
            closed
                .entry(day)
                .or_insert(loaded.remove(&day).unwrap_or_default())
        }
    };
    let digest = totals.entry(duplicate.currency.clone()).or_default();
    digest.remove(duplicate.transaction.as_str(), duplicate.net);
    next.add_lines(reversal);
    let months = without(world, book, duplicate).await?;
    Ok(Commit {
        state: next,
        filed: BTreeMap::from([(day, vec![filed(reversal, duplicate)])]),
        closed,
        months,
        is_correction: true,
    })
}

/// The view of the duplicate's month without it; none if it was in none.
async fn without<W: World>(
    world: &W,
    book: &Book,
    duplicate: &Entry,
) -> Result<BTreeMap<Month, MonthView>, WorkError> {
    let expected = match world.ledger().expected().await {
        Err(LedgerError::Invalid(_)) => Default::default(),
        answer => answer?,
    };
    let month = Month::of(duplicate.day());
    let mut months = world.ledger().months(book, &[month]).await?;
    for view in months.values_mut() {
        view.take(duplicate, &expected);
    }
    Ok(months)
}

fn filed(reversal: &Entry, duplicate: &Entry) -> Filed {
    Filed {
        source: duplicate.key().source,
        ..Filed::from(reversal)
    }
}
