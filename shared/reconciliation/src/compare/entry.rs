//! What an entry says of itself: fees that do not add up, rates that do not fit, and
//! types that nobody knows.

use tributary_domain::Links;
use tributary_ledger::post::is_known_balance;
use tributary_ledger::{Class, Entry, Head, Rate};

use crate::finding::{Code, Finding, Scope};
use crate::heal::UNCLASSIFIED;

/// Minor units that rounding explains.
const ROUNDING_MAX: u64 = 1;

/// The evidence under which object an entry is kept.
pub const SOURCE: &str = "source";

/// Looks at one entry, at `now` (unix seconds).
pub fn inspect(entry: &Entry, scope: &Scope, now: i64) -> Vec<Finding> {
    let found = |code| {
        Finding::new(code, &entry.book, &entry.transaction, scope, now)
            .with(SOURCE, &entry.key().source)
    };
    let mut findings = Vec::new();
    for line in &entry.lines {
        let head = line.account.head();
        let finding = match head {
            Head::FeeUnclassified => found(Code::FeeMismatch).with(UNCLASSIFIED, line.amount),
            _ if head.class() == Class::Suspense => found(Code::UnknownType),
            Head::StripeBalance if !is_known_balance(&entry.balance_type) => {
                found(Code::UnknownType)
            }
            _ => continue,
        };
        findings.push(
            finding
                .with("account", &line.account)
                .with("type", &entry.kind)
                .at_stake(line.amount, &entry.currency),
        );
    }
    findings.extend(rate(entry).map(|(expected, difference)| {
        found(Code::FxMismatch)
            .with("amount", entry.amount)
            .with("expected", expected)
            .with("rate", entry.exchange_rate.as_deref().unwrap_or_default())
            .at_stake(difference, &entry.currency)
    }));
    findings
}

/// What the rate makes of the source's amount, and how far the entry is from it, if
/// that is more than rounding.
fn rate(entry: &Entry) -> Option<(i64, i128)> {
    let rate = Rate::parse(entry.exchange_rate.as_deref()?).ok()?;
    let Links {
        presentment_amount,
        presentment_currency,
        ..
    } = &entry.source.as_ref()?.links;
    if *presentment_currency.as_ref()? == entry.currency {
        return None;
    }
    let expected = rate.convert((*presentment_amount)?).ok()?;
    let difference = i128::from(entry.amount.unsigned_abs()) - i128::from(expected.unsigned_abs());
    // A capture or a return of a part is no mistake of the rate. Of a dispute that was won
    // in part, any part may come back: the source says the whole.
    let is_part = difference < 0
        && (entry.reporting_category == "dispute_reversal"
            || entry.amount.unsigned_abs() < expected.unsigned_abs() / 2);
    (difference.unsigned_abs() > ROUNDING_MAX.into() && !is_part).then_some((expected, difference))
}
