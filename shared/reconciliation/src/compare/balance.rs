//! What Stripe says an account holds, and what its entries add up to.

use std::collections::{BTreeMap, BTreeSet};

use tributary_domain::change::state::{Balance, Funds};
use tributary_ledger::Book;

use crate::finding::{Code, Finding, Scope};

/// What our entries add up to, minor units by currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// On the balance that Stripe calls `payments`.
    pub payments: BTreeMap<String, i128>,
    /// Reserved for connected accounts.
    pub reserved: BTreeMap<String, i128>,
}

/// Compares one reading of the balance, at `now` (unix seconds).
///
/// A balance has no time: the reading counts only if another one, made after the book
/// was brought up to date, is equal ([`is_still`]), or if it agrees.
pub fn compare(
    book: &Book,
    reading: &Balance,
    ours: &Sums,
    scope: &Scope,
    now: i64,
) -> Vec<Finding> {
    let code = if book.is_platform() {
        Code::BalanceMismatchPlatform
    } else {
        Code::BalanceMismatchConnected
    };
    let payments = by_currency([&reading.available, &reading.pending]);
    let mut findings = differences(code, book, &ours.payments, &payments, scope, now);
    if book.is_platform() {
        let reserved = by_currency([&reading.connect_reserved]);
        let code = Code::ReserveMismatch;
        findings.extend(differences(
            code,
            book,
            &ours.reserved,
            &reserved,
            scope,
            now,
        ));
    }
    findings
}

/// Whether nothing moved between two readings, as far as they are compared. Money that
/// becomes available meanwhile moves nothing.
pub fn is_still(before: &Balance, after: &Balance) -> bool {
    let parts = |balance: &Balance| {
        let payments = by_currency([&balance.available, &balance.pending]);
        (payments, by_currency([&balance.connect_reserved]))
    };
    parts(before) == parts(after)
}

fn by_currency<'f>(parts: impl IntoIterator<Item = &'f Vec<Funds>>) -> BTreeMap<String, i128> {
    let mut sums = BTreeMap::new();
    for funds in parts.into_iter().flatten() {
        *sums.entry(funds.currency.clone()).or_default() += i128::from(funds.amount);
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

fn differences(
    code: Code,
    book: &Book,
    ours: &BTreeMap<String, i128>,
    theirs: &BTreeMap<String, i128>,
    scope: &Scope,
    now: i64,
) -> Vec<Finding> {
    let currencies: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    let sum = |side: &BTreeMap<String, i128>, currency| side.get(currency).copied().unwrap_or(0);
    let compared = currencies.into_iter().filter_map(|currency| {
        let (ours, theirs) = (sum(ours, currency), sum(theirs, currency));
        (ours != theirs).then(|| {
            Finding::new(code, book, currency, scope, now)
                .with("ours", ours)
                .with("stripe", theirs)
                .at_stake(ours - theirs, currency)
        })
    });
    compared.collect()
}
