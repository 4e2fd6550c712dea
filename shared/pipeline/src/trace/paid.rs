//! Payouts and what they paid out: ten thousand movements, page by page.

use serde::Serialize;
use tributary_domain::ObjectId;
use tributary_domain::change::State;
use tributary_ledger::{Book, Entry, EntryKey};

use super::gather::Gathered;
use super::ports::Place;
use crate::ledger::{Ledger, LedgerError};
use crate::reconcile::{PaidLine, PaidOut, PaidOuts};

/// Movements without an entry that are named; of the others there is the number.
const NAMED_MAX: usize = 20;
/// Entries that are asked for at once: as many as one request of DynamoDB takes.
const KEYS_MAX: usize = 100;
/// How long before the money of a movement becomes available a payout may be made that
/// pays it out, seconds: Stripe dates availability by days.
const EARLY_S: i64 = 86_400;

/// What a payout paid out, held against the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Paid {
    /// The sums.
    #[serde(flatten)]
    pub paid: PaidOut,
    /// Movements that have no entry.
    pub without_entry: usize,
    /// Some of them.
    pub named: Vec<ObjectId>,
}

/// That a payout paid a movement out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PaidBy {
    /// The movement.
    pub transaction: ObjectId,
    /// The payout.
    pub payout: ObjectId,
    /// When the payout was made, unix seconds.
    pub created: i64,
}

/// Adds what the payouts among the objects paid out.
pub(super) async fn paid_out<L: Ledger + PaidOuts>(
    ledger: &L,
    gathered: &mut Gathered,
) -> Result<(), LedgerError> {
    let payouts = gathered.objects.iter().filter_map(|(place, told)| {
        match told.seen.as_ref()?.state.as_ref()? {
            State::Payout(payout) => Some((place.clone(), payout.created)),
            _ => None,
        }
    });
    for (place, created) in payouts.collect::<Vec<_>>() {
        let known = ledger.paid_out_by(&place.book, &place.id, created).await?;
        if let Some(paid) = known {
            let held = hold_against_entries(ledger, &place.book, paid).await?;
            gathered.paid_out.insert(place, held);
        }
    }
    Ok(())
}

/// Looks for the entry of every movement. What is held in memory at a time is one
/// answer of the store, and never an entry.
async fn hold_against_entries<L: Ledger + PaidOuts>(
    ledger: &L,
    book: &Book,
    paid: PaidOut,
) -> Result<Paid, LedgerError> {
    let (mut without_entry, mut named, mut after) = (0, Vec::new(), None);
    loop {
        let page = ledger.paid_lines(book, &paid, after.as_ref()).await?;
        for lines in page.lines.chunks(KEYS_MAX) {
            let keys: Vec<EntryKey> = lines.iter().map(|line| entry_key(book, line)).collect();
            let there = ledger.present(book, &keys).await?;
            for line in lines {
                if !there.contains(&line.transaction) {
                    without_entry += 1;
                    if named.len() < NAMED_MAX {
                        named.push(line.transaction.clone());
                    }
                }
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(Paid {
                paid,
                without_entry,
                named,
            });
        }
    }
}

fn entry_key(book: &Book, line: &PaidLine) -> EntryKey {
    EntryKey {
        book: book.clone(),
        source: line.source.clone(),
        transaction: line.transaction.clone(),
    }
}

/// Adds the payouts that paid out what was asked for: the first ones made once the
/// money was available are looked through, a question for each.
pub(super) async fn paid_by<L: PaidOuts>(
    ledger: &L,
    gathered: &mut Gathered,
) -> Result<(), LedgerError> {
    let Place { book, id } = &gathered.asked;
    let Some(told) = gathered.objects.get(&gathered.asked) else {
        return Ok(());
    };
    let is_payout = told
        .kind
        .as_ref()
        .is_some_and(|kind| kind.as_str() == "payout");
    // What a payout took is what it pays out; what came back, another one does.
    let entries = told.node.entries.iter();
    let entries: Vec<&Entry> = entries.filter(|it| !is_payout || it.net > 0).collect();
    let mut found = Vec::new();
    for entry in entries {
        let since = entry.available_on.saturating_sub(EARLY_S);
        let payouts = ledger.paid_out_since(book, since).await?;
        let others = payouts.into_iter().filter(|paid| paid.payout != *id);
        for paid in others.filter(|paid| paid.is_of(&entry.currency)) {
            let line = ledger.paid_line(book, &paid, &entry.transaction).await?;
            if line.is_some() {
                found.push(PaidBy {
                    transaction: entry.transaction.clone(),
                    payout: paid.payout,
                    created: paid.created,
                });
                break;
            }
        }
    }
    gathered.paid_by = found;
    Ok(())
}
