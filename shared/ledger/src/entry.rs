//! Journal entries: what is written once for each movement of a balance.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use tributary_domain::{BalanceTransaction, FeeDetail, ObjectId, Source};

use crate::{Account, Book, Day};

/// One side of an entry. Stored as a pair, `["customer_funds:ch_1",-10000]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "(Account, i64)", into = "(Account, i64)")]
pub struct Line {
    /// Where it is posted.
    pub account: Account,
    /// Minor units of the entry's currency: a debit is positive, a credit negative.
    pub amount: i64,
}

impl From<(Account, i64)> for Line {
    fn from((account, amount): (Account, i64)) -> Self {
        Self { account, amount }
    }
}

impl From<Line> for (Account, i64) {
    fn from(line: Line) -> Self {
        (line.account, line.amount)
    }
}

/// A sum does not fit 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sum of minor units does not fit 64 bits")]
pub struct Overflow;

/// Balances by account, minor units of one currency, debits positive. An empty
/// account is as good as none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Balances(BTreeMap<Account, i64>);

impl Balances {
    /// Adds to one account.
    ///
    /// # Errors
    /// When the sum does not fit.
    pub fn add(&mut self, account: Account, amount: i64) -> Result<(), Overflow> {
        let sum = self.of(&account).checked_add(amount).ok_or(Overflow)?;
        if sum == 0 {
            self.0.remove(&account);
        } else {
            self.0.insert(account, sum);
        }
        Ok(())
    }

    /// Adds every line.
    ///
    /// # Errors
    /// When a sum does not fit.
    pub fn add_lines(&mut self, lines: &[Line]) -> Result<(), Overflow> {
        lines
            .iter()
            .try_for_each(|line| self.add(line.account.clone(), line.amount))
    }

    /// The balance of one account.
    pub fn of(&self, account: &Account) -> i64 {
        self.0.get(account).copied().unwrap_or_default()
    }

    /// The accounts that are not empty, in the order of the chart.
    pub fn iter(&self) -> impl Iterator<Item = (&Account, i64)> {
        self.0.iter().map(|(account, balance)| (account, *balance))
    }

    /// The same as lines of an entry: one for each account that is not empty.
    pub fn into_lines(self) -> Vec<Line> {
        self.0.into_iter().map(Line::from).collect()
    }
}

/// The journal entry of one balance transaction (Layer A): immutable, and a
/// function of the transaction and its source alone, so that it has the same bytes
/// whenever and however often it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Whose book.
    pub book: Book,
    /// The balance transaction, `txn_…`.
    pub transaction: ObjectId,
    /// When Stripe booked it, unix seconds.
    pub created: i64,
    /// From when the money may be paid out, unix seconds.
    pub available_on: i64,
    /// Currency of every amount here.
    pub currency: String,
    /// Before fees.
    pub amount: i64,
    /// Kept back; negative when it came back.
    pub fee: i64,
    /// What the balance moved by.
    pub net: i64,
    /// Stripe's type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The axis that Stripe's reports sum by.
    pub reporting_category: String,
    /// Which balance moved: `payments`, `issuing`, …
    #[serde(default = "payments", skip_serializing_if = "is_payments")]
    pub balance_type: String,
    /// What the fee is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fee_details: Vec<FeeDetail>,
    /// Units of `currency` for one of the source's, as the decimal that Stripe wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_rate: Option<String>,
    /// The object that moved the money, and what it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Sum to zero; one for each account, in the order of the chart.
    pub lines: Vec<Line>,
}

fn payments() -> String {
    PAYMENTS.to_owned()
}

fn is_payments(balance_type: &str) -> bool {
    balance_type == PAYMENTS
}

/// The balance that nearly every movement is of; left out of the stored form.
const PAYMENTS: &str = "payments";

impl Entry {
    /// What it was posted from, so that it can be posted again by other rules. The
    /// one thing that changes about a movement is not kept: it reads `available`.
    pub fn movement(&self) -> BalanceTransaction {
        BalanceTransaction {
            id: self.transaction.clone(),
            kind: self.kind.clone(),
            reporting_category: self.reporting_category.clone(),
            balance_type: self.balance_type.clone(),
            currency: self.currency.clone(),
            amount: self.amount,
            fee: self.fee,
            net: self.net,
            fee_details: self.fee_details.clone(),
            exchange_rate: self.exchange_rate.clone(),
            created: self.created,
            available_on: self.available_on,
            status: "available".to_owned(),
            source: self.source.clone(),
        }
    }

    /// The day it counts for.
    pub fn day(&self) -> Day {
        Day::of(self.created)
    }

    /// Under which key it is posted, once.
    pub fn key(&self) -> EntryKey {
        let source = self.source.as_ref().map(|source| source.id.clone());
        EntryKey {
            book: self.book.clone(),
            source: source.unwrap_or_else(|| self.transaction.clone()),
            transaction: self.transaction.clone(),
        }
    }

    /// What was posted on an account.
    pub fn on(&self, account: &Account) -> i64 {
        let line = self.lines.iter().find(|line| line.account == *account);
        line.map_or(0, |line| line.amount)
    }
}

/// The identity of an entry. Entries of one object have the same book and source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryKey {
    /// Whose book.
    pub book: Book,
    /// The object that moved the money, or the transaction if none did.
    pub source: ObjectId,
    /// The balance transaction.
    pub transaction: ObjectId,
}

impl fmt::Display for EntryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}#{}", self.book, self.source, self.transaction)
    }
}
