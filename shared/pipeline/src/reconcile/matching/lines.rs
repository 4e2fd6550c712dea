//! The ledger as the matcher reads it.

use std::collections::{BTreeMap, BTreeSet};
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

/// Reads the lines of a book from the oldest day on, each day once.
pub(super) struct Reader<'r, W> {
    world: &'r W,
    book: &'r Book,
    /// The days that are not read yet.
    unread: BTreeSet<Day>,
    /// The days that are read and that a later part sees too.
    kept: BTreeMap<Day, Vec<LedgerLine>>,
    /// Whether an entry is counted of what was read that is not posted yet.
    pub(super) are_missing: bool,
}

impl<'r, W: World> Reader<'r, W> {
    /// A reader of the days that have any lines.
    pub(super) fn new(world: &'r W, book: &'r Book, days: impl Iterator<Item = Day>) -> Self {
        Self {
            world,
            book,
            unread: days.collect(),
            kept: BTreeMap::new(),
            are_missing: false,
        }
    }

    /// The lines of the days of some seconds. Those of days that begin before
    /// `next_from` are not asked for again.
    pub(super) async fn read(
        &mut self,
        seconds: &Range<i64>,
        next_from: i64,
    ) -> Result<Vec<LedgerLine>, WorkError> {
        let days = Day::of(seconds.start)..=Day::of(seconds.end.saturating_sub(1));
        self.kept.retain(|day, _| day >= days.start());
        let unread: Vec<Day> = self.unread.range(days).copied().collect();
        for day in unread {
            let lines = self.lines(day).await?;
            self.unread.remove(&day);
            self.kept.insert(day, lines);
        }
        let mut seen = Vec::new();
        for (day, lines) in &mut self.kept {
            match day.start() >= next_from {
                true => seen.extend(lines.iter().cloned()),
                false => seen.append(lines),
            }
        }
        Ok(seen)
    }

    async fn lines(&mut self, day: Day) -> Result<Vec<LedgerLine>, WorkError> {
        let (ledger, book) = (self.world.ledger(), self.book);
        let key = |line: &Held| (line.transaction.clone(), line.source.clone());
        let held = without_reversed(ledger.held(book, day).await?, key);
        let keys: Vec<_> = held
            .into_iter()
            .map(|line| EntryKey {
                book: book.clone(),
                source: line.source,
                transaction: line.transaction,
            })
            .collect();
        let entries = ledger.posted(book, &keys).await?;
        self.are_missing |= entries.len() < keys.len();
        Ok(entries.iter().filter_map(line_of).collect())
    }
}
