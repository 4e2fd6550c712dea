//! Exchange rates and fees as people look at them.

use tributary_ledger::views::{
    Conversion, Expected, FeeKey, FeeSchedule, Fees, Fx, Month, MonthView, Taker, Way, by_month,
};
use tributary_ledger::{Book, Day, Entry, Rate};

use crate::sample::{Movement, connected, id, movement, platform};

fn posted(book: &Book, movement: Movement) -> Entry {
    movement.post(book).0
}

fn converted(amount: i64, presented: i64, rate: &str) -> Entry {
    let movement = movement("charge", "charge", amount).from("charge", "ch_1");
    posted(&platform(), movement.converted(presented, "eur", rate))
}

#[test]
fn exchange_is_compared_with_the_expected_rate_in_money() {
    let market = Rate::parse("1.0950").unwrap();
    let (kind, mut sum) = Fx::of(&converted(10_842, 10_000, "1.0842"), Some(market))
        .unwrap()
        .unwrap();
    assert_eq!(
        kind,
        Conversion {
            from: "eur".to_owned(),
            to: "usd".to_owned(),
            way: Way::In
        }
    );
    // EUR 100.00 at 1.0950 would have been USD 109.50: conversion cost 1.08.
    assert_eq!((sum.off_stated(), sum.off_reference()), (0, -108));
    let (other, more) = Fx::of(&converted(5_400, 5_000, "1.0790"), None)
        .unwrap()
        .unwrap();
    assert_eq!(other, kind);
    sum.merge(&more);
    assert_eq!((sum.count, sum.presented, sum.settled), (2, 15_000, 16_242));
    assert_eq!(sum.effective_rate().unwrap().to_string(), "1.082800");
    // 5,000 at 1.0790 are 5,395: Stripe paid 5 cents more than it says.
    assert_eq!((sum.off_stated(), sum.off_reference()), (5, -108));
}

#[test]
fn exchange_on_the_way_back_is_counted_apart() {
    let refund = movement("refund", "refund", -10_790).linked("refund", "re_1", |links| {
        links.charge = Some(id("ch_1"));
    });
    let refund = posted(&platform(), refund.converted(10_000, "eur", "1.0790"));
    let market = Rate::parse("1.07").unwrap();
    let (kind, fx) = Fx::of(&refund, Some(market)).unwrap().unwrap();
    assert_eq!(kind.way, Way::Out);
    assert_eq!((fx.settled, fx.off_reference()), (10_790, 90));
}

#[test]
fn without_conversion_there_is_no_rate() {
    let sale = movement("charge", "charge", 500).from("charge", "ch_1");
    assert_eq!(Fx::of(&posted(&platform(), sale.clone()), None), Ok(None));
    let same = posted(&platform(), sale.clone().converted(500, "usd", "1"));
    assert_eq!(Fx::of(&same, None), Ok(None));
    let unreadable = posted(&platform(), sale.converted(500, "eur", "about one"));
    assert_eq!(Fx::of(&unreadable, None), Ok(None));
}

fn schedule() -> FeeSchedule {
    serde_json::from_str(
        r#"[
            {"taker": "stripe", "currency": "usd", "owner": "acct_1", "rate_ppm": 0},
            {"taker": "stripe", "currency": "usd", "method": "card", "country": "DE",
             "rate_ppm": 39000, "fixed": 30},
            {"taker": "stripe", "currency": "usd", "method": "card", "rate_ppm": 29000, "fixed": 30},
            {"taker": "platform", "currency": "usd", "rate_ppm": 100000}
        ]"#,
    )
    .unwrap()
}

fn card(amount: i64, country: &str) -> Movement {
    movement("charge", "charge", amount).linked("charge", "ch_1", |links| {
        links.payment_method = Some("card".to_owned());
        links.country = Some(country.to_owned());
    })
}

fn only(entry: &Entry) -> (FeeKey, Fees) {
    let mut found = Fees::of(entry, &schedule()).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn fees_are_compared_with_the_schedule() {
    let at_home = posted(&platform(), card(10_000, "US").fee("stripe_fee", 320));
    let (key, mut sum) = only(&at_home);
    assert_eq!((key.method.as_str(), key.country.as_str()), ("card", "US"));
    assert_eq!((sum.fee, sum.expected, sum.off_schedule()), (320, 320, 0));
    sum.merge(&only(&posted(&platform(), card(333, "US").fee("stripe_fee", 45))).1);
    // 2.9 % of 3.33 are 9.657 cents: 10, and 30 on top; 5 cents too much were taken.
    assert_eq!((sum.count, sum.covered, sum.off_schedule()), (2, 2, 5));
    assert_eq!(sum.effective_ppm(), Some(365 * 1_000_000 / 10_333));
    let abroad = posted(&platform(), card(10_000, "DE").fee("stripe_fee", 420));
    assert_eq!(only(&abroad).1.off_schedule(), 0);
}

#[test]
fn kinds_without_a_price_are_counted_and_not_compared() {
    let unknown = movement("charge", "charge", 10_000).from("charge", "ch_1");
    let (key, fees) = only(&posted(&platform(), unknown.fee("stripe_fee", 80)));
    assert_eq!((key.method.as_str(), key.taker), ("", Taker::Stripe));
    assert_eq!((fees.fee, fees.covered, fees.off_schedule()), (80, 0, 0));
    // A price in dollars is none in euros.
    let euros = card(10_000, "DE").currency("eur").fee("stripe_fee", 175);
    let (key, fees) = only(&posted(&platform(), euros));
    assert_eq!((key.currency.as_str(), fees.covered), ("eur", 0));
}

#[test]
fn a_direct_charge_pays_stripe_and_the_platform() {
    let sale = card(10_000, "US").fee("application_fee", 1_100);
    let found = Fees::of(&posted(&connected(), sale), &schedule()).unwrap();
    let off: Vec<_> = found
        .iter()
        .map(|(key, fees)| (key.taker, fees.fee, fees.off_schedule()))
        .collect();
    assert_eq!(off, [(Taker::Stripe, 0, 0), (Taker::Platform, 1_100, 100)]);
}

#[test]
fn a_received_transfer_pays_the_platform_only() {
    let received = |fee| {
        let payment = movement("payment", "charge", 10_000).linked("charge", "py_1", |links| {
            links.source_transfer = Some(id("tr_1"));
        });
        let payment = if fee == 0 {
            payment
        } else {
            payment.fee("application_fee", fee)
        };
        Fees::of(&posted(&connected(), payment), &schedule()).unwrap()
    };
    let (key, fees) = received(1_000).remove(0);
    assert_eq!((key.taker, fees.off_schedule()), (Taker::Platform, 0));
    assert_eq!(received(0), []);
    let refund = movement("refund", "refund", -100).linked("refund", "re_1", |links| {
        links.charge = Some(id("ch_1"));
    });
    assert_eq!(
        Fees::of(&posted(&platform(), refund), &schedule()),
        Ok(vec![])
    );
}

#[test]
fn a_month_adds_up_in_any_order_and_grouping() {
    let expected: Expected = serde_json::from_str(
        r#"{"fees": [{"taker": "stripe", "currency": "usd", "rate_ppm": 29000, "fixed": 30}],
            "rates": {"eur/usd": "1.0950"}}"#,
    )
    .unwrap();
    let entries = [
        posted(&platform(), card(10_000, "US").fee("stripe_fee", 320)),
        posted(&platform(), card(5_000, "DE").fee("stripe_fee", 225)),
        converted(10_842, 10_000, "1.0842"),
        converted(5_395, 5_000, "1.0790"),
    ];
    let add_up = |entries: &[&Entry]| {
        let mut month = MonthView::default();
        for entry in entries {
            month.add(entry, &expected);
        }
        month
    };
    let [a, b, c, d] = entries.each_ref();
    let month = add_up(&[a, b, c, d]);
    assert_eq!(add_up(&[d, b, a, c]), month);
    let mut grouped = add_up(&[c, a]);
    grouped.merge(&add_up(&[b, d]));
    assert_eq!(grouped, month);
    let text = serde_json::to_string(&month).unwrap();
    assert_eq!(serde_json::from_str::<MonthView>(&text).unwrap(), month);

    let off: i128 = month.fees.values().map(Fees::off_schedule).sum();
    // 2.9 % and 0.30 of 100.00 are 3.20; of 50.00 they are 1.75, and 2.25 was taken.
    // The two conversions cost nothing, and 3.44 and 1.86 were agreed.
    assert_eq!(off, 50 - 344 - 186);
    let against: i128 = month.conversions.values().map(Fx::off_reference).sum();
    assert_eq!(against, 10_842 - 10_950 + 5_395 - 5_475);
}

/// A rate counts from its day on, until the next one does.
#[test]
fn each_day_is_held_against_the_rate_that_counted_then() {
    let expected =
        Expected::parse(r#"{"rates": {"eur/usd": {"2026-11-20": "1.10", "2026-11-25": "1.20"}}}"#)
            .unwrap();
    let day = |text: &str| Day::parse(text).unwrap();
    let rate_at = |at: i64| {
        let mut entry = converted(10_842, 10_000, "1.0842");
        entry.created = at;
        expected.rate(&entry)
    };
    let rate = |text: &str| Some(Rate::parse(text).unwrap());
    assert_eq!(rate_at(day("2026-11-20").start() - 1), None);
    assert_eq!(rate_at(day("2026-11-20").start()), rate("1.10"));
    assert_eq!(rate_at(day("2026-11-25").start() - 1), rate("1.10"));
    assert_eq!(rate_at(day("2026-11-25").start()), rate("1.20"));
    assert_eq!(rate_at(day("2027-06-01").start()), rate("1.20"));
}

#[test]
fn a_month_without_an_entry_is_as_if_it_had_never_been_added() {
    let expected = Expected::parse(r#"{"rates": {"eur/usd": "1.0950"}}"#).unwrap();
    let (stays, goes) = (
        posted(&platform(), card(10_000, "US").fee("stripe_fee", 320)),
        converted(10_842, 10_000, "1.0842"),
    );
    let mut month = MonthView::default();
    month.add(&stays, &expected);
    let before = month.clone();
    month.add(&goes, &expected);
    month.take(&goes, &expected);
    assert_eq!(month, before);
}

/// An amount that its rate makes too large for 64 bits.
#[test]
fn what_does_not_fit_is_counted_as_left_out() {
    let monster = converted(1, i64::MAX, "1000");
    let mut month = MonthView::default();
    month.add(&monster, &Expected::default());
    assert_eq!((month.left_out, month.fees.len()), (1, 0));
    assert!(!month.is_empty());
    let text = serde_json::to_string(&month).unwrap();
    assert_eq!(serde_json::from_str::<MonthView>(&text).unwrap(), month);
}

#[test]
fn entries_are_added_up_under_their_months() {
    let entry = |created| {
        let sale = card(100, "US").fee("stripe_fee", 33);
        Entry {
            created,
            ..posted(&platform(), sale)
        }
    };
    // The last second of November 2026, the first of December.
    let (last, first) = (1_796_083_199, 1_796_083_200);
    let top_up = posted(
        &platform(),
        movement("topup", "topup", 5).from("topup", "tu_1"),
    );
    let entries = [entry(last), entry(first), entry(first), top_up];
    let months = by_month(&entries, &Expected::default());
    let counts: Vec<_> = months
        .iter()
        .map(|(month, view)| (month.to_string(), view.fees.values().next().unwrap().count))
        .collect();
    assert_eq!(
        counts,
        [("2026-11".to_owned(), 1), ("2026-12".to_owned(), 2)]
    );
    for text in ["2026-13", "2026", "26-11", "2026-11-01", "2026-1"] {
        assert!(Month::parse(text).is_err(), "{text}");
    }
    assert_eq!(Month::parse("2026-11").unwrap().to_string(), "2026-11");
}

#[test]
fn what_is_expected_is_written_by_people() {
    let read = |text: &str| Expected::parse(text).map_err(|it| it.to_string());
    assert_eq!(read("{}"), Ok(Expected::default()));
    let refused = |text: &str| read(text).unwrap_err();
    assert!(refused(r#"{"rates": {"eurusd": "1"}}"#).contains("eurusd is no pair"));
    assert!(refused(r#"{"rates": {"EUR/usd": "1"}}"#).contains("EUR/usd is no pair"));
    assert!(refused(r#"{"rates": {"eur/usd": "0"}}"#).contains("the rate of eur/usd"));
    for rate in ["1.1", r#"{"2026-11-31": "1.1"}"#, r#"{"2026-11-30": 1.1}"#] {
        let text = format!(r#"{{"rates": {{"eur/usd": {rate}}}}}"#);
        assert!(
            refused(&text).contains("a decimal number in quotes"),
            "{rate}"
        );
    }
    let dated = r#"{"rates": {"eur/usd": {"2026-11-30": "-1"}}}"#;
    assert!(refused(dated).contains("the rate of eur/usd"));
    assert!(refused(r#"{"prices": []}"#).contains("unknown field `prices`"));
    assert!(refused("{\n\"fees\": 3}").contains("line 2 column"));
    let rule = |field: &str, value: &str| {
        let mut rule = serde_json::json!({"taker": "stripe", "currency": "usd", "rate_ppm": 1});
        rule[field] = serde_json::from_str(value).unwrap();
        let good = r#"{"taker": "platform", "currency": "eur", "rate_ppm": 0}"#;
        read(&format!(r#"{{"fees": [{good}, {rule}]}}"#))
    };
    for (field, value, right) in [
        (
            "currency",
            r#""USD""#,
            "three lower-case letters such as usd",
        ),
        ("owner", r#""acct""#, "platform or an id such as acct_1"),
        ("country", r#""de""#, "two capital letters such as DE"),
        ("rate_ppm", "1000001", "parts per million from 0 to 1000000"),
        ("fixed", "-1", "minor units, 0 or more"),
    ] {
        let told = format!("fee rule 2: {field} has to be {right}");
        assert_eq!(rule(field, value).unwrap_err(), told);
    }
    assert!(rule("owner", r#""acct_1""#).is_ok());
}
