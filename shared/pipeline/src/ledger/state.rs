//! How far a book is pulled, and what was counted of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tributary_domain::ObjectId;
use tributary_ledger::{Account, Day, Digest, Entry, Head};

use super::ports::PageName;

/// Newest days whose digests stay in the state; older ones are items of their own.
pub const OPEN_DAYS: usize = 4;
/// How far behind the newest event a pull may lie and still answer it, in seconds:
/// Stripe's lists may be a little behind its events.
pub const LAG_S: i64 = 60;

/// What was counted of one day, by currency.
pub type Totals = BTreeMap<String, Digest>;

/// The one item that every worker on a book agrees by: each change is conditional on
/// the sequence number of the one before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BookState {
    /// Grows by one with every change; 0 before the first.
    pub seq: u64,
    /// Who made the last change. A writer that lost the answer knows its own by it.
    pub writer: String,
    /// Unix seconds, by Stripe's clock, of the newest event that a pull has answered.
    pub answered: i64,
    /// When the newest movement of the finished pulls was booked, unix seconds by
    /// Stripe's clock. The next pull begins a little before.
    pub newest: Option<i64>,
    /// How many pulls have begun: names them.
    pub pulls: u32,
    /// The pull that is under way.
    pub pull: Option<Pull>,
    /// Who may go on with it.
    pub lease: Option<Lease>,
    /// The newest days.
    pub days: BTreeMap<Day, Totals>,
    /// Sums of all lines ever posted, by currency, minor units, debits positive. Per
    /// object they are kept by the entries; here they are summed by the chart's names.
    pub balances: BTreeMap<String, BTreeMap<Account, i128>>,
}

/// A pull under way: what another worker needs to go on with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// The window's first second; `None` for the beginning of time.
    pub from: Option<i64>,
    /// The window's last second.
    pub to: i64,
    /// Until when every event is answered once it is finished.
    pub answers: i64,
    /// Where a page without anything new ends the pull, unix seconds: everything
    /// older was listed before. `None` if the whole window has to be read.
    pub known_to: Option<i64>,
    /// When the newest movement seen was booked.
    pub newest: Option<i64>,
    /// How many pages were counted.
    pub pages: u32,
    /// After which movement the page was listed that was counted last.
    pub before: Option<ObjectId>,
    /// After which movement the next page begins.
    pub next: Option<ObjectId>,
    /// The days under which the last page's movements are filed that may not all be
    /// posted yet; empty if all are.
    pub unposted: Vec<Day>,
}

/// Who works on a book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The worker.
    pub holder: String,
    /// Until when others leave the book alone, unix seconds by the workers' clocks.
    pub until: i64,
}

impl BookState {
    /// Whether an event of that time needs no pull any more.
    pub fn answers(&self, event_at: i64) -> bool {
        event_at.saturating_add(LAG_S) <= self.answered
    }

    /// Whether another worker is at it.
    pub fn is_held(&self, worker: &str, now: i64) -> bool {
        let lease = self.lease.as_ref();
        lease.is_some_and(|lease| lease.holder != worker && lease.until > now)
    }

    /// The page that was counted last.
    pub fn page(&self) -> PageName {
        PageName {
            pull: self.pulls,
            page: self.pull.as_ref().map_or(0, |pull| pull.pages),
        }
    }

    /// The state that follows, to be changed by one worker.
    #[must_use]
    pub fn next(&self, worker: &str) -> Self {
        let mut next = self.clone();
        next.seq = self.seq.saturating_add(1);
        worker.clone_into(&mut next.writer);
        next
    }

    /// The sum on an account of all movements counted, minor units.
    pub fn balance(&self, currency: &str, account: &Account) -> i128 {
        let balances = self.balances.get(currency);
        balances
            .and_then(|accounts| accounts.get(account))
            .copied()
            .unwrap_or_default()
    }

    /// Adds an entry's lines to the balances.
    pub(crate) fn add_lines(&mut self, entry: &Entry) {
        let accounts = self.balances.entry(entry.currency.clone()).or_default();
        for line in &entry.lines {
            let sum = accounts.entry(summed(&line.account)).or_default();
            // 2^64 sums of `i64`s fit: there is nothing to saturate at.
            *sum = sum.saturating_add(line.amount.into());
        }
    }
}

/// The account under which lines are summed: all objects' in one, and Stripe's
/// balances by their type.
pub fn summed(account: &Account) -> Account {
    match account.head() {
        Head::StripeBalance => account.clone(),
        head => Account::plain(head),
    }
}
