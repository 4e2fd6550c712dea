//! Periods that follow each other, however short they are.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::ops::Range;

use tributary_domain::{Currency, Owner};
use tributary_matching::period::{lines_seen, own_seen};
use tributary_matching::{LedgerLine, OwnEntry, Period, Weights, match_period};

const DAY_S: i64 = 86_400;

/// An entry of the `n`th day, in the morning.
fn entry(n: i64, reference: Option<&str>) -> OwnEntry {
    OwnEntry {
        id: format!("own-{n}"),
        account: Owner::Platform,
        kind: String::new(),
        occurred_at: n * DAY_S + 3_600,
        currency: Currency::parse(b"usd").unwrap(),
        amount: 1_000,
        references: reference.map(str::to_owned).into_iter().collect(),
        counterparty: String::new(),
    }
}

/// A line of the `n`th day, at noon.
fn line(n: i64, reference: &str) -> LedgerLine {
    LedgerLine {
        id: format!("txn_{n}"),
        account: Owner::Platform,
        kind: "charge".to_owned(),
        occurred_at: n * DAY_S + 43_200,
        currency: Currency::parse(b"usd").unwrap(),
        amount: 1_000,
        net: 970,
        references: vec![reference.to_owned()],
        counterparty: String::new(),
    }
}

/// Matches days `from` to `to`, so many at a time.
fn matched(
    (from, to): (i64, i64),
    at_once: i64,
    own: &[OwnEntry],
    lines: &[LedgerLine],
) -> Vec<Period> {
    let mut periods: Vec<Period> = Vec::new();
    let mut first = from;
    while first < to {
        let end = (first + at_once).min(to);
        let period: Range<i64> = first * DAY_S..end * DAY_S;
        let (own_seen, lines_seen) = (own_seen(&period), lines_seen(&period));
        let own = own.iter().filter(|it| own_seen.contains(&it.occurred_at));
        let lines = lines
            .iter()
            .filter(|it| lines_seen.contains(&it.occurred_at));
        let before = periods.last().map(|one| one.taken.clone());
        periods.push(match_period(
            &period,
            own.cloned().collect(),
            lines.cloned().collect(),
            &before.unwrap_or_default(),
            &Weights::default(),
        ));
        first = end;
    }
    periods
}

/// A line is taken on the first day. Days later somebody asks for a line like it, when
/// the period in between has taken nothing.
#[test]
fn what_is_taken_stays_taken_as_long_as_it_is_seen() {
    let own = [entry(100, Some("ch_1")), entry(110, Some("ch_1"))];
    let lines = [line(103, "ch_1")];
    for at_once in 1..10 {
        let periods = matched((100, 115), at_once, &own, &lines);
        let made: Vec<_> = periods.iter().flat_map(|one| &one.made).collect();
        let taken: Vec<_> = made.iter().flat_map(|one| &one.lines).collect();
        let different: BTreeSet<_> = taken.iter().collect();
        assert_eq!(taken.len(), different.len(), "{at_once}: {made:?}");
    }
}

#[test]
fn what_nobody_sees_any_more_is_forgotten() {
    let own: Vec<_> = (100..160)
        .map(|n| entry(n, Some(&format!("ch_{n}"))))
        .collect();
    let lines: Vec<_> = (100..160).map(|n| line(n, &format!("ch_{n}"))).collect();
    for at_once in [1, 4, 30] {
        let periods = matched((100, 160), at_once, &own, &lines);
        let made: usize = periods.iter().map(|one| one.made.len()).sum();
        assert_eq!(made, 60);
        for period in &periods {
            let taken = serde_json::to_value(&period.taken).unwrap();
            let lines = taken["lines"].as_array().unwrap().len();
            assert!(lines <= 8, "{at_once}: {lines}");
        }
    }
}
