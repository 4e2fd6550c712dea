//! What an automatic payout paid out, kept, so that asking again asks nobody at Stripe.
//!
//! No event and no movement says which movements a payout consists of: Stripe lists
//! them once it is done with them. Reconciliation reads that list to explain the
//! payout; here it is kept as it was read.

use std::collections::BTreeMap;
use std::future::Future;

use serde::{Deserialize, Serialize};
use tributary_domain::{BalanceTransaction, ObjectId};
use tributary_ledger::{Book, Entry};
use tributary_reconciliation::report::PaidSums;

use crate::ledger::LedgerError;

/// Lines that are kept as one item.
pub const LINES_MAX: usize = 200;
/// Most payouts that one question about a time answers.
pub const PAYOUTS_MAX: usize = 20;

/// A movement that a payout paid out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct PaidLine {
    /// The balance transaction.
    pub transaction: ObjectId,
    /// The object that moved the money, or the transaction if none did.
    pub source: ObjectId,
    /// What reports sum it under: `charge`, `refund`, `fee`, …
    pub category: String,
    /// Its currency.
    pub currency: String,
    /// What it moved, minor units.
    pub net: i64,
}

/// A line as it is stored: without names, for there are ten thousand.
type Stored = (ObjectId, ObjectId, String, String, i64);

impl From<Stored> for PaidLine {
    fn from((transaction, source, category, currency, net): Stored) -> Self {
        Self {
            transaction,
            source,
            category,
            currency,
            net,
        }
    }
}

impl From<PaidLine> for Stored {
    fn from(line: PaidLine) -> Self {
        (
            line.transaction,
            line.source,
            line.category,
            line.currency,
            line.net,
        )
    }
}

/// What the lines of one kind come to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// What reports sum them under.
    pub category: String,
    /// Their currency.
    pub currency: String,
    /// How many there are.
    pub count: usize,
    /// What they moved together, minor units.
    pub net: i128,
}

impl Sum {
    /// What a report says.
    pub fn all(sums: &PaidSums) -> Vec<Self> {
        let sums = sums.iter().map(|((category, currency), sum)| Self {
            category: category.clone(),
            currency: currency.as_str().to_owned(),
            count: sum.count,
            net: sum.net,
        });
        sums.collect()
    }
}

/// What a payout paid out, summed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaidOut {
    /// The payout.
    pub payout: ObjectId,
    /// When it was made, unix seconds.
    pub created: i64,
    /// How many movements it consists of, itself among them. The set only ever grows,
    /// so its size says which one it is.
    pub count: usize,
    /// What they come to, by category and currency.
    pub sums: Vec<Sum>,
    /// Whether its lines are kept too. Reports tell sums alone.
    #[serde(default = "listed")]
    pub is_listed: bool,
}

fn listed() -> bool {
    true
}

/// Lines in the order of their transactions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaidLines {
    /// Some of them.
    pub lines: Vec<PaidLine>,
    /// After which transaction there are more.
    pub next: Option<ObjectId>,
}

impl PaidOut {
    /// What Stripe lists for a payout, in the form in which it is kept: each movement
    /// once, whatever pages it was listed on.
    pub fn of(
        payout: &ObjectId,
        created: i64,
        movements: &[BalanceTransaction],
    ) -> (Self, Vec<PaidLine>) {
        let lines: BTreeMap<&ObjectId, PaidLine> =
            movements.iter().map(|one| (&one.id, line(one))).collect();
        let mut sums: BTreeMap<(String, String), Sum> = BTreeMap::new();
        for line in lines.values() {
            let key = (line.category.clone(), line.currency.clone());
            let sum = sums.entry(key).or_insert_with(|| Sum {
                category: line.category.clone(),
                currency: line.currency.clone(),
                ..Sum::default()
            });
            sum.count += 1;
            // 2^64 sums of `i64`s fit: there is nothing to saturate at.
            sum.net = sum.net.saturating_add(line.net.into());
        }
        let paid = Self {
            payout: payout.clone(),
            created,
            count: lines.len(),
            sums: sums.into_values().collect(),
            is_listed: true,
        };
        (paid, lines.into_values().collect())
    }

    /// What a report says of a payout, and the entry of the payout itself.
    pub fn of_report(payout: &ObjectId, created: i64, sums: &[Sum], itself: &Entry) -> Self {
        let own = Sum {
            category: itself.reporting_category.clone(),
            currency: itself.currency.clone(),
            count: 1,
            net: itself.net.into(),
        };
        Self {
            payout: payout.clone(),
            created,
            count: sums.iter().map(|sum| sum.count).sum::<usize>() + 1,
            sums: sums.iter().cloned().chain([own]).collect(),
            is_listed: false,
        }
    }

    /// Whether any of it was of that currency.
    pub fn is_of(&self, currency: &str) -> bool {
        self.sums.iter().any(|sum| sum.currency == currency)
    }

    /// What is left when everything is added up, by currency: nothing, if the payout is
    /// the sum of what it paid out.
    pub fn rest(&self) -> BTreeMap<&str, i128> {
        let mut rest: BTreeMap<&str, i128> = BTreeMap::new();
        for sum in &self.sums {
            let of_currency = rest.entry(&sum.currency).or_default();
            *of_currency = of_currency.saturating_add(sum.net);
        }
        rest.retain(|_, rest| *rest != 0);
        rest
    }
}

fn line(movement: &BalanceTransaction) -> PaidLine {
    let source = movement.source.as_ref().map(|source| source.id.clone());
    PaidLine {
        transaction: movement.id.clone(),
        source: source.unwrap_or_else(|| movement.id.clone()),
        category: movement.reporting_category.clone(),
        currency: movement.currency.clone(),
        net: movement.net,
    }
}

/// Where it is kept. Every answer is one question to the store.
pub trait PaidOuts: Sync {
    /// Keeps what a payout paid out, the sums last: what has sums is whole. Keeping it
    /// twice is success.
    fn keep_paid_out(
        &self,
        book: &Book,
        paid: &PaidOut,
        lines: &[PaidLine],
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// What a payout made at `created` paid out, if that is known.
    fn paid_out_by(
        &self,
        book: &Book,
        payout: &ObjectId,
        created: i64,
    ) -> impl Future<Output = Result<Option<PaidOut>, LedgerError>> + Send;

    /// The payouts made since a second, oldest first, at most [`PAYOUTS_MAX`]: those of
    /// which it is known what they paid out.
    fn paid_out_since(
        &self,
        book: &Book,
        since: i64,
    ) -> impl Future<Output = Result<Vec<PaidOut>, LedgerError>> + Send;

    /// Lines of a payout, those after a transaction.
    fn paid_lines(
        &self,
        book: &Book,
        paid: &PaidOut,
        after: Option<&ObjectId>,
    ) -> impl Future<Output = Result<PaidLines, LedgerError>> + Send;

    /// The line of one transaction, if the payout paid it out.
    fn paid_line(
        &self,
        book: &Book,
        paid: &PaidOut,
        transaction: &ObjectId,
    ) -> impl Future<Output = Result<Option<PaidLine>, LedgerError>> + Send;
}
