//! The fees of a book's month against the prices that were agreed.

use std::collections::BTreeMap;

use tributary_ledger::Book;
use tributary_ledger::views::{FeeKey, FeeSchedule, Fees, Month, MonthView, Taker};

use crate::finding::{Code, Finding, Scope};

/// Kinds of payments that the evidence names: those that are furthest off.
const NAMED_MAX: usize = 5;
/// Minor units that rounding explains of each payment.
const ROUNDING_MAX: u128 = 1;
/// The comparison's name.
const PRICES: &str = "prices";

/// The comparison of a month's fees.
pub fn of_month(month: &Month) -> Scope {
    Scope::new(PRICES, month)
}

/// The month whose fees a finding is about; `None` if it is about something else.
pub fn month_of(finding: &Finding) -> Option<Month> {
    let (comparison, month) = finding.scope.as_str().split_once(':')?;
    let month = Month::parse(month).ok();
    month.filter(|_| comparison == PRICES && finding.code == Code::FeeMismatch)
}

/// Holds what each kind of payment cost against what was agreed: a finding for each
/// currency in which a kind is off by more than rounding. Nothing is found of kinds that
/// the schedule does not cover.
pub fn compare(
    book: &Book,
    (month, view): (&Month, &MonthView),
    schedule: &FeeSchedule,
    now: i64,
) -> Vec<Finding> {
    let mut off: BTreeMap<&str, Vec<(&FeeKey, &Fees)>> = BTreeMap::new();
    for (key, fees) in &view.fees {
        if is_off(book, key, fees, schedule) {
            off.entry(&key.currency).or_default().push((key, fees));
        }
    }
    off.into_iter()
        .map(|(currency, kinds)| found(book, month, currency, kinds, now))
        .collect()
}

/// Whether payments of a kind cost something else than was agreed when they were counted,
/// and than is agreed now: a schedule that was corrected since explains them too.
fn is_off(book: &Book, key: &FeeKey, fees: &Fees, schedule: &FeeSchedule) -> bool {
    let is_beyond = |difference: i128, payments: u64| {
        difference.unsigned_abs() > u128::from(payments).saturating_mul(ROUNDING_MAX)
    };
    let Some(agreed) = schedule.expected_of(book, key, fees) else {
        return false;
    };
    is_beyond(fees.off_schedule(), fees.covered)
        && is_beyond(fees.fee.saturating_sub(agreed), fees.count)
}

fn found(
    book: &Book,
    month: &Month,
    currency: &str,
    mut kinds: Vec<(&FeeKey, &Fees)>,
    now: i64,
) -> Finding {
    let size = |fees: &Fees| fees.off_schedule().unsigned_abs();
    kinds.sort_by_key(|(key, fees)| (std::cmp::Reverse(size(fees)), *key));
    let sizes = kinds.iter().map(|(_, fees)| size(fees));
    let stake = sizes.fold(0_u128, u128::saturating_add);
    let subject = format!("month:{month}#{currency}");
    let code = Code::FeeMismatch;
    let mut finding = Finding::new(code, book, subject, &of_month(month), now)
        .with("kinds_that_differ", kinds.len())
        .at_stake(i128::try_from(stake).unwrap_or(i128::MAX), currency);
    for (number, (key, fees)) in (1..=NAMED_MAX).zip(&kinds) {
        finding = finding.with(&format!("differs_{number}"), told(key, fees));
    }
    finding
}

/// One kind of payments in a line: what it cost and what was agreed, minor units.
fn told(key: &FeeKey, fees: &Fees) -> String {
    let taker = match key.taker {
        Taker::Stripe => "stripe",
        Taker::Platform => "platform",
    };
    let known = |text: &'_ str| if text.is_empty() { "?" } else { text }.to_owned();
    format!(
        "{taker} {} {} {}: fee {}, expected {}, difference {}, payments {}",
        known(&key.method),
        known(&key.country),
        key.currency,
        fees.compared,
        fees.expected,
        fees.off_schedule(),
        fees.covered,
    )
}
