//! Fees of a month against the agreed prices.

use tributary_ledger::views::{Expected, FeeKey, FeeSchedule, Month, MonthView, Taker};

use super::*;
use crate::compare::prices::{compare, month_of};

fn month() -> Month {
    Month::parse("2025-11").unwrap()
}

/// A price of so many parts per million, and minor units on top.
fn agreed(rate_ppm: i64, fixed: i64) -> Expected {
    let text = format!(
        r#"{{"fees":[{{"taker":"stripe","currency":"usd","rate_ppm":{rate_ppm},"fixed":{fixed}}}]}}"#
    );
    Expected::parse(&text).unwrap()
}

/// A payment of 10.00 for which Stripe took so much.
fn paid(number: u8, fee: i64) -> Entry {
    let source = format!("ch_{number}");
    let movement = movement(&format!("txn_{number}"), "charge", &source, 1_000, fee);
    entry(&connected(), &movement)
}

/// Payments, added up while these prices were in use.
fn view(entries: &[Entry], expected: &Expected) -> MonthView {
    let mut view = MonthView::default();
    for entry in entries {
        view.add(entry, expected);
    }
    view
}

fn found(view: &MonthView, schedule: &FeeSchedule) -> Vec<Finding> {
    compare(&connected(), (&month(), view), schedule, NOW)
}

#[test]
fn a_price_that_is_not_the_agreed_one() {
    let expected = agreed(29_000, 30);
    let view = view(&[paid(1, 59), paid(2, 79), paid(3, 74)], &expected);
    let found = found(&view, &expected.schedule);
    assert_eq!(
        brief(&found),
        [(Code::FeeMismatch, "month:2025-11#usd", 35)]
    );
    let finding = &found[0];
    assert_eq!(finding.stake.currency, "usd");
    assert_eq!(month_of(finding), Some(month()));
    assert_eq!(
        finding.evidence["differs_1"],
        "stripe ? ? usd: fee 212, expected 177, difference 35, payments 3"
    );
}

#[test]
fn rounding_is_one_minor_unit_for_each_payment() {
    let expected = agreed(29_000, 30);
    let within = view(&[paid(1, 60), paid(2, 60)], &expected);
    assert_eq!(found(&within, &expected.schedule), []);
    let below = view(&[paid(1, 58), paid(2, 58)], &expected);
    assert_eq!(found(&below, &expected.schedule), []);
    let beyond = view(&[paid(1, 60), paid(2, 61)], &expected);
    assert_eq!(brief(&found(&beyond, &expected.schedule))[0].2, 3);
}

#[test]
fn without_a_price_nothing_is_off() {
    let nothing = Expected::default();
    let entries = [paid(1, 500)];
    assert_eq!(found(&view(&entries, &nothing), &nothing.schedule), []);
    // Prices came into use when the payment was counted already: they say nothing of it.
    let since = agreed(29_000, 30);
    assert_eq!(found(&view(&entries, &nothing), &since.schedule), []);
    // They were withdrawn.
    assert_eq!(found(&view(&entries, &since), &nothing.schedule), []);
}

#[test]
fn a_schedule_that_was_corrected_explains_what_was_counted_before() {
    let (wrong, right) = (agreed(20_000, 0), agreed(29_000, 30));
    let view = view(&[paid(1, 59), paid(2, 59)], &wrong);
    assert_eq!(found(&view, &wrong.schedule).len(), 1);
    assert_eq!(found(&view, &right.schedule), []);
}

/// A price that changed within a month is compared as it was when each payment was counted.
#[test]
fn a_price_that_changed_is_no_difference() {
    let (before, after) = (agreed(29_000, 30), agreed(35_000, 30));
    let mut both = view(&[paid(1, 59)], &before);
    both.merge(&view(&[paid(2, 65)], &after));
    assert_eq!(found(&both, &after.schedule), []);
}

#[test]
fn each_currency_has_a_finding_and_names_what_is_furthest_off() {
    let expected = Expected::parse(
        r#"{"fees":[{"taker":"stripe","currency":"usd","rate_ppm":0},
            {"taker":"stripe","currency":"eur","rate_ppm":0}]}"#,
    )
    .unwrap();
    let mut view = view(&[], &expected);
    for (number, currency) in (1..=7).zip(["usd"; 7]).chain([(9, "eur")]) {
        let key = FeeKey {
            taker: Taker::Stripe,
            method: format!("method_{number}"),
            country: "DE".to_owned(),
            currency: currency.to_owned(),
        };
        let fees = view.fees.entry(key).or_default();
        (fees.count, fees.covered, fees.gross) = (1, 1, 1_000);
        (fees.fee, fees.compared) = (10 * number, 10 * number);
    }
    let found = found(&view, &expected.schedule);
    let stakes = [
        (Code::FeeMismatch, "month:2025-11#eur", 90),
        (Code::FeeMismatch, "month:2025-11#usd", 280),
    ];
    assert_eq!(brief(&found), stakes);
    let evidence = &found[1].evidence;
    assert_eq!(evidence["kinds_that_differ"], "7");
    assert!(evidence["differs_1"].starts_with("stripe method_7 DE usd: fee 70,"));
    assert!(evidence.contains_key("differs_5") && !evidence.contains_key("differs_6"));
}
