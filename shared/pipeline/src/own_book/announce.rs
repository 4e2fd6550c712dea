//! Whoever brings entries asks for their books to be matched.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt, stream};
use tributary_domain::{Mode, Owner};
use tributary_ledger::Book;

use super::Month;
use crate::ports::SendError;
use crate::reconcile::{Job, Jobs};

/// How many jobs are sent at once.
const AT_ONCE: usize = 16;

/// The books that an import has entries of, and the months of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched(BTreeMap<Owner, BTreeSet<Month>>);

impl Touched {
    pub(super) fn add(&mut self, owner: &Owner, month: Month) {
        if let Some(months) = self.0.get_mut(owner) {
            months.insert(month);
        } else {
            self.0.insert(owner.clone(), BTreeSet::from([month]));
        }
    }

    /// How many books.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The jobs that match them. Those of one cause are done once.
    pub fn jobs(&self, mode: Mode, cause: &str) -> impl Iterator<Item = Job> {
        self.0.iter().map(move |(owner, months)| Job::Match {
            book: Book {
                mode,
                owner: owner.clone(),
            },
            months: months.clone(),
            cause: cause.to_owned(),
        })
    }
}

/// Asks for books to be matched, no earlier than `delay_s` seconds from now.
///
/// # Errors
/// When not all jobs were sent; sending them again is harmless.
pub async fn announce(
    jobs: &impl Jobs,
    wanted: impl Iterator<Item = Job>,
    delay_s: u16,
) -> Result<(), SendError> {
    let sends = stream::iter(wanted).map(|job| async move { jobs.send(&job, delay_s).await });
    sends.buffer_unordered(AT_ONCE).try_collect().await
}
