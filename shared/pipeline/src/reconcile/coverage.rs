//! How far a book has come, and how that changes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tributary_ledger::{Book, Day};

use super::WorkError;
use super::ports::{Control, ControlError};
use crate::own_book::Month;

/// How far an account is known to be complete.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Coverage {
    /// Grows by one with every change; 0 before the first.
    pub seq: u64,
    /// Every event made until then was received or sent on, unix seconds.
    pub events_to: Option<i64>,
    /// Stripe listed no event at the last audit.
    pub is_silent: bool,
    /// When Stripe last refused an account that had left, unix seconds; `None` as soon as
    /// it answers again.
    pub closed_at: Option<i64>,
    /// When balance and payouts were looked at last, unix seconds.
    pub holdings_at: Option<i64>,
    /// On the platform's: when its balance was looked at last without its payouts, unix
    /// seconds.
    pub balance_at: Option<i64>,
    /// On the platform's: when payouts under way were looked through last, unix seconds.
    pub under_way_at: Option<i64>,
    /// Payouts made until then are explained, unix seconds.
    pub payouts_to: Option<i64>,
    /// On the platform's: when Stripe was asked which accounts there are, unix seconds.
    pub accounts_at: Option<i64>,
    /// On the platform's: the last day of which reports were asked for.
    pub reports_to: Option<Day>,
    /// On the platform's: how many books there were at the last plan.
    pub books: Option<usize>,
    /// The months of which the platform's own book has entries.
    pub own_months: BTreeSet<Month>,
    /// When that book was matched last, unix seconds.
    pub matched_at: Option<i64>,
}

/// Times that a coverage is read again because another worker wrote it.
const CONFLICTS_MAX: u32 = 6;

/// Changes a coverage, on what others may have made of it meanwhile.
///
/// # Errors
/// When it cannot be read or written, or others are always first.
pub async fn change_coverage<C: Control>(
    control: &C,
    book: &Book,
    change: impl Fn(&mut Coverage),
) -> Result<(), WorkError> {
    for _ in 0..CONFLICTS_MAX {
        let mut coverage = control.coverage(book).await?;
        change(&mut coverage);
        coverage.seq = coverage.seq.saturating_add(1);
        match control.cover(book, &coverage).await {
            Err(ControlError::Conflict) => {}
            written => return Ok(written?),
        }
    }
    Err(ControlError::Conflict.into())
}
