//! Payouts: whether they arrive, and what they are made of.

use tributary_domain::change::state::Payout;
use tributary_domain::{BalanceTransaction, ObjectId};
use tributary_ledger::fact::PayoutFact;
use tributary_ledger::{Book, Day};

use crate::finding::{Code, Finding, Scope};

/// Business days after which a payout that has not arrived is stuck.
const LATE_DAYS_MAX: u32 = 5;

/// What says whether a payout has arrived.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'p> {
    status: &'p str,
    /// Minor units of `currency`.
    amount: i64,
    currency: &'p str,
    /// When it is expected at the bank, unix seconds.
    arrival_date: i64,
}

impl<'p> From<&'p Payout> for Standing<'p> {
    fn from(payout: &'p Payout) -> Self {
        Self {
            status: &payout.status,
            amount: payout.amount,
            currency: &payout.currency,
            arrival_date: payout.arrival_date,
        }
    }
}

impl<'p> From<&'p PayoutFact> for Standing<'p> {
    fn from(payout: &'p PayoutFact) -> Self {
        Self {
            status: &payout.status,
            amount: payout.amount,
            currency: &payout.currency,
            arrival_date: payout.arrival_date,
        }
    }
}

impl Standing<'_> {
    fn found(&self, code: Code, book: &Book, id: &ObjectId, scope: &Scope, now: i64) -> Finding {
        Finding::new(code, book, id, scope, now)
            .with("status", self.status)
            .with("amount", self.amount)
            .with("arrival_date", self.arrival_date)
            .at_stake(self.amount, self.currency)
    }
}

/// What there is to say of a payout that should have arrived long ago.
pub fn stuck<'p>(
    book: &Book,
    id: &ObjectId,
    payout: impl Into<Standing<'p>>,
    scope: &Scope,
    now: i64,
) -> Option<Finding> {
    let payout = payout.into();
    let due = Day::of(payout.arrival_date).plus_business_days(LATE_DAYS_MAX);
    let is_under_way = matches!(payout.status, "in_transit" | "pending");
    (is_under_way && Day::of(now) > due)
        .then(|| payout.found(Code::PayoutStuck, book, id, scope, now))
}

/// What there is to say of a payout without a look at its movements.
pub fn inspect(
    book: &Book,
    id: &ObjectId,
    payout: &Payout,
    scope: &Scope,
    now: i64,
) -> Option<Finding> {
    let unattributable = || {
        let is_moving = matches!(payout.status.as_str(), "in_transit" | "paid");
        let code = Code::PayoutUnattributable;
        (is_moving && !is_attributable(payout))
            .then(|| Standing::from(payout).found(code, book, id, scope, now))
    };
    stuck(book, id, payout, scope, now).or_else(unattributable)
}

/// Whether Stripe says which movements a payout paid out.
pub fn is_attributable(payout: &Payout) -> bool {
    payout.automatic && payout.method.as_deref() != Some("instant")
}

/// Whether a payout can be explained by now.
pub fn is_explainable(payout: &Payout) -> bool {
    is_attributable(payout) && payout.reconciliation_status.as_deref() == Some("completed")
}

/// Whether a movement is of this payout itself.
pub fn is_of(movement: &BalanceTransaction, payout: &ObjectId) -> bool {
    let source = movement.source.as_ref();
    source.is_some_and(|source| source.id == *payout)
}

/// Whether the movements that a payout paid out, itself among them, sum to zero.
pub fn explain(
    book: &Book,
    id: &ObjectId,
    movements: &[BalanceTransaction],
    scope: &Scope,
    now: i64,
) -> Option<Finding> {
    let itself = movements.iter().find(|movement| is_of(movement, id));
    let currency = itself
        .or(movements.first())
        .map_or("", |movement| &movement.currency);
    let of_currency = movements
        .iter()
        .filter(|movement| movement.currency == currency);
    let rest: i128 = of_currency.map(|movement| i128::from(movement.net)).sum();
    let strangers = movements
        .iter()
        .filter(|movement| movement.currency != currency)
        .count();
    (rest != 0 || strangers > 0 || itself.is_none()).then(|| {
        Finding::new(Code::PayoutNotExplained, book, id, scope, now)
            .with("movements", movements.len())
            .with("of_other_currencies", strangers)
            .with("rest", rest)
            .at_stake(rest, currency)
    })
}

/// The payout that a report explains has no entry of its own in our book: `paid_out` is
/// what it paid out, minor units.
pub fn without_entry(
    book: &Book,
    id: &ObjectId,
    (paid_out, currency): (i128, &str),
    scope: &Scope,
    now: i64,
) -> Finding {
    Finding::new(Code::PayoutNotExplained, book, id, scope, now)
        .with("entry", "missing")
        .with("rest", paid_out)
        .at_stake(paid_out, currency)
}
