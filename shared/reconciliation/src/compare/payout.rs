//! Payouts: whether they arrive, and what they are made of.

use tributary_domain::change::state::Payout;
use tributary_domain::{BalanceTransaction, ObjectId};
use tributary_ledger::{Book, Day};

use crate::finding::{Code, Finding, Scope};

/// Business days after which a payout that has not arrived is stuck.
const LATE_DAYS_MAX: u32 = 5;

/// What there is to say of a payout without a look at its movements.
pub fn inspect(
    book: &Book,
    id: &ObjectId,
    payout: &Payout,
    scope: &Scope,
    now: i64,
) -> Option<Finding> {
    let found = |code| {
        Finding::new(code, book, id, scope, now)
            .with("status", &payout.status)
            .with("amount", payout.amount)
            .with("arrival_date", payout.arrival_date)
            .at_stake(payout.amount, &payout.currency)
    };
    let due = Day::of(payout.arrival_date).plus_business_days(LATE_DAYS_MAX);
    if matches!(payout.status.as_str(), "in_transit" | "pending") && Day::of(now) > due {
        return Some(found(Code::PayoutStuck));
    }
    let is_moving = matches!(payout.status.as_str(), "in_transit" | "paid");
    (is_moving && !is_attributable(payout)).then(|| found(Code::PayoutUnattributable))
}

/// Whether Stripe says which movements a payout paid out.
pub fn is_attributable(payout: &Payout) -> bool {
    payout.automatic && payout.method.as_deref() != Some("instant")
}

/// Whether a payout can be explained by now.
pub fn is_explainable(payout: &Payout) -> bool {
    is_attributable(payout) && payout.reconciliation_status.as_deref() == Some("completed")
}

/// Whether the movements that a payout paid out, itself among them, sum to zero.
pub fn explain(
    book: &Book,
    id: &ObjectId,
    movements: &[BalanceTransaction],
    scope: &Scope,
    now: i64,
) -> Option<Finding> {
    let is_itself = |movement: &&BalanceTransaction| {
        movement
            .source
            .as_ref()
            .is_some_and(|source| source.id == *id)
    };
    let itself = movements.iter().find(is_itself);
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

/// The same by a report: `paid_out` is the sum of the lines that it assigns to the
/// payout, minor units.
pub fn explain_by_report(
    book: &Book,
    id: &ObjectId,
    payout: &Payout,
    paid_out: i128,
    scope: &Scope,
    now: i64,
) -> Option<Finding> {
    let rest = paid_out - i128::from(payout.amount);
    (rest != 0).then(|| {
        Finding::new(Code::PayoutNotExplained, book, id, scope, now)
            .with("rest", rest)
            .at_stake(rest, &payout.currency)
    })
}
