//! Taking over what a rebuild proves: each only where nothing has changed since it was
//! compared.

use std::collections::{BTreeMap, BTreeSet};

use tributary_domain::ObjectId;
use tributary_ledger::{Book, Day};

use super::{Difference, Differences, Whole, worker};
use crate::ledger::explain::explain;
use crate::ledger::ports::{Commit, LedgerError};
use crate::ledger::state::{OPEN_DAYS, Totals};

/// What was taken over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Entries put in the place of changed ones.
    pub entries: usize,
    /// Entries derived, or taken back, by entries of their own.
    pub derived: usize,
    /// Books whose sums were put right.
    pub books: usize,
    /// Differences that only a new look at Stripe, or a person, can settle.
    pub left: usize,
}

/// Takes over what the rebuild proves. Entries that are missing are left: nothing here
/// has what they were posted from; a pull does.
///
/// # Errors
/// When a ledger fails, or was changed meanwhile: what is done stays right.
pub async fn take_over<L: Whole, S: Whole>(
    live: &L,
    rebuilt: &S,
    differences: &Differences,
) -> Result<Taken, LedgerError> {
    let mut taken = Taken::default();
    let mut stories: BTreeMap<&Book, BTreeSet<ObjectId>> = BTreeMap::new();
    let mut sums = BTreeSet::new();
    for ((book, about), difference) in &differences.found {
        match difference {
            Difference::Entry {
                live: seen,
                rebuilt,
            } => {
                live.replace(rebuilt, seen).await?;
                taken.entries += 1;
                let root = rebuilt.belongs_to().cloned();
                let root = root.unwrap_or_else(|| rebuilt.key().source);
                stories.entry(book).or_default().insert(root);
            }
            // Without all entries, what is derived of them says nothing.
            Difference::Derived if !is_whole(differences, book) => taken.left += 1,
            Difference::Derived => {
                let root = ObjectId::parse(about);
                let root = root.map_err(|error| LedgerError::Invalid(error.to_string()))?;
                stories.entry(book).or_default().insert(root);
            }
            Difference::Day(_) | Difference::Balance { .. } => {
                sums.insert(book);
            }
            Difference::Missing(_)
            | Difference::Uncounted
            | Difference::Counted { .. }
            | Difference::MovedOn => taken.left += 1,
        }
    }
    for (book, roots) in stories {
        let explained = explain(live, book, roots).await?;
        taken.derived += explained.derived;
        taken.left += explained.unexplained.len();
    }
    for book in sums {
        match is_whole(differences, book) {
            true => taken.books += usize::from(count_anew(live, rebuilt, book).await?),
            // What is missing was counted, and will be posted: the sums are right.
            false => taken.left += 1,
        }
    }
    Ok(taken)
}

/// Whether every movement that was counted is in the rebuild.
fn is_whole(differences: &Differences, book: &Book) -> bool {
    let incomplete = differences.found.iter().any(|((of, _), one)| {
        let is_gap = matches!(one, Difference::Missing(_) | Difference::Counted { .. });
        of == book && is_gap
    });
    !incomplete
}

/// Puts the sums of a rebuild in the place of those in use, if the book is still as it
/// was rebuilt.
async fn count_anew<L: Whole, S: Whole>(
    live: &L,
    rebuilt: &S,
    book: &Book,
) -> Result<bool, LedgerError> {
    let (state, ours) = (live.state(book).await?, rebuilt.state(book).await?);
    if ours.writer != worker(state.seq) {
        return Err(LedgerError::Conflict);
    }
    let mut days: BTreeMap<Day, Totals> = rebuilt.days(book).await?;
    // Days of which nothing is left are none.
    for day in live.days(book).await?.into_keys() {
        days.entry(day).or_default();
    }
    let mut commit = Commit {
        state: state.next("replay"),
        ..Commit::default()
    };
    commit.state.balances = ours.balances;
    while days.len() > OPEN_DAYS {
        let Some((day, totals)) = days.pop_first() else {
            break;
        };
        if live.totals(book, &[day]).await?.get(&day) != Some(&totals) {
            commit.closed.insert(day, totals);
        }
    }
    commit.state.days = days;
    live.commit(book, &commit).await?;
    Ok(true)
}
