//! The ledger as the matcher reads it.

use std::collections::BTreeMap;
use std::ops::Range;

use tributary_domain::Currency;
use tributary_ledger::{Book, Day, Entry, EntryKey};
use tributary_matching::LedgerLine;
use tributary_reconciliation::compare::lines::Held;

use super::super::ports::Books;
use super::super::reverse::without_reversed;
use super::super::work::{WorkError, World};
use crate::ledger::{BookState, Ledger, Totals};

/// An entry of the ledger as a line to match; `None` for what no object moved and for
/// currencies that are none.
pub fn line_of(entry: &Entry) -> Option<LedgerLine> {
    let source = entry.source.as_ref()?;
    let links = &source.links;
    let ids = [
        links.charge.as_ref(),
        links.transfer.as_ref(),
        links.source_transfer.as_ref(),
        links.source_transaction.as_ref(),
        links.payment_intent.as_ref(),
    ];
    let texts = [links.reference.as_ref(), links.transfer_group.as_ref()];
    let references = std::iter::once(source.id.to_string())
        .chain(ids.into_iter().flatten().map(ToString::to_string))
        .chain(texts.into_iter().flatten().cloned());
    Some(LedgerLine {
        id: entry.transaction.to_string(),
        account: entry.book.owner.clone(),
        kind: entry.reporting_category.clone(),
        occurred_at: entry.created,
        currency: Currency::parse(entry.currency.as_bytes())?,
        amount: entry.amount,
        net: entry.net,
        references: references.collect(),
        counterparty: String::new(),
    })
}

/// What was counted of the days of some seconds, by day.
pub(super) async fn totals<W: World>(
    world: &W,
    book: &Book,
    seconds: &Range<i64>,
) -> Result<BTreeMap<Day, Totals>, WorkError> {
    let last = Day::of(seconds.end.saturating_sub(1));
    let mut days = vec![Day::of(seconds.start)];
    while let Some(day) = days.last().filter(|day| **day < last) {
        days.push(day.plus(1));
    }
    // The state last: a day that is closed in between is then in one of them.
    let mut totals = world.ledger().totals(book, &days).await?;
    let BookState { days: open, .. } = world.ledger().state(book).await?;
    let open = open.into_iter().filter(|(day, _)| days.contains(day));
    totals.extend(open);
    Ok(totals)
}

/// The lines of some days, and whether an entry is counted of them that is not posted yet.
pub(super) async fn lines<W: World>(
    world: &W,
    book: &Book,
    days: impl Iterator<Item = Day>,
) -> Result<(Vec<LedgerLine>, bool), WorkError> {
    let (mut lines, mut are_missing) = (Vec::new(), false);
    for day in days {
        let key = |line: &Held| (line.transaction.clone(), line.source.clone());
        let held = without_reversed(world.ledger().held(book, day).await?, key);
        let keys: Vec<_> = held
            .into_iter()
            .map(|line| EntryKey {
                book: book.clone(),
                source: line.source,
                transaction: line.transaction,
            })
            .collect();
        let entries = world.ledger().posted(book, &keys).await?;
        are_missing |= entries.len() < keys.len();
        lines.extend(entries.iter().filter_map(line_of));
    }
    Ok((lines, are_missing))
}
