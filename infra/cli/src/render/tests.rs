#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::*;

fn report() -> Report {
    let mut table = Table::new(&["id", "age_s", "note"]);
    table.row(["evt_1".into(), Cell::Seconds(303), "=1+1".into()]);
    table.row(["evt_2".into(), Cell::Nothing, "a \"b\", c\u{1b}[2J".into()]);
    Report::new().table("events", table)
}

#[test]
fn people_read_columns() {
    let text = report().render(Format::Table, None);
    assert_eq!(
        text,
        concat!(
            " id     age        note\n",
            " evt_1  5 min 3 s  =1+1\n",
            " evt_2  -          a \"b\", c\\u{1b}[2J\n",
        )
    );
}

/// What all rows agree in is said once; the rows keep what differs.
#[test]
fn people_read_once_what_is_the_same() {
    let table = |second: &str| {
        let mut table = Table::new(&["id", "book", "amount", "currency"]);
        table.row([
            "txn_1".into(),
            "live#platform".into(),
            5_i64.into(),
            "eur".into(),
        ]);
        table.row(["txn_2".into(), second.into(), 7_i64.into(), "eur".into()]);
        let table = table.saying_once(&["book", "currency"]);
        Report::new().table("lines", table)
    };
    assert_eq!(
        table("live#platform").render(Format::Table, None),
        concat!(
            " book live#platform, currency eur\n",
            " id     amount\n",
            " txn_1  5\n",
            " txn_2  7\n",
            "\nAmounts are in minor units: 12345 eur is 123.45.\n",
        )
    );
    let differ = table("live#acct_1").render(Format::Table, None);
    assert!(differ.contains(" txn_2  live#acct_1    7\n"), "{differ}");
    let json: Value =
        serde_json::from_str(&table("live#platform").render(Format::Json, None)).unwrap();
    assert_eq!(json["lines"][1]["book"], "live#platform");
}

#[test]
fn programs_read_stable_keys() {
    let text = report().render(Format::Json, None);
    let read: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        read["events"][0],
        json!({"id": "evt_1", "age_s": 303, "note": "=1+1"})
    );
    assert_eq!(read["events"][1]["age_s"], Value::Null);
}

#[test]
fn a_sheet_gets_no_formula() {
    let text = report().render(Format::Csv, None);
    assert_eq!(
        text,
        "id,age_s,note\r\nevt_1,303,'=1+1\r\nevt_2,,\"a \"\"b\"\", c\u{1b}[2J\"\r\n"
    );
}

#[test]
fn several_sections_share_one_header() {
    let both = report().record("sum").field("age_s", -5_i64).done();
    let text = both.render(Format::Csv, None);
    assert!(
        text.starts_with("section,id,age_s,note\r\nevents,evt_1,303,'=1+1\r\n"),
        "{text}"
    );
    assert!(text.ends_with("sum,,-5,\r\n"), "{text}");
}

#[test]
fn an_empty_table_says_so() {
    let none = Report::new().table("dead_letters", Table::new(&["id"]));
    assert_eq!(none.render(Format::Table, None), "no dead letters\n");
    let quarantine = Table::new(&["id"]).saying_when_empty("nothing is quarantined");
    let quarantine = Report::new().table("quarantined", quarantine);
    assert_eq!(
        quarantine.render(Format::Table, None),
        "nothing is quarantined\n"
    );
    assert_eq!(none.render(Format::Csv, None), "id\r\n");
    let read: Value = serde_json::from_str(&none.render(Format::Json, None)).unwrap();
    assert_eq!(read, json!({"dead_letters": []}));
}

/// On a terminal a row is broken within its columns; in a pipe it stays one line.
#[test]
fn a_narrow_terminal_breaks_cells_and_not_lines() {
    let columns = [
        "at", "clock", "book", "step", "id", "object", "what", "amount",
    ];
    let mut table = Table::new(&columns);
    let cells = [
        "2026-11-22T10:00:00Z",
        "stripe",
        "live#acct_1ZL7BGEVXJCeQrhR",
        "event",
        "evt_1dt2wkccM6NuRvC9pSD0kiMl",
        "payout#po_1dXPtqzgsy6VylIMYNQzODkt",
        "payout.failed by webhook: the account was closed",
        "-83361",
    ];
    table.row(cells.map(Cell::from));
    let report = Report::new().table("steps", table);
    let narrow = report.render(Format::Table, Some(80));
    assert!(
        narrow.lines().all(|line| line.chars().count() <= 80),
        "{narrow}"
    );
    let piped = report.render(Format::Table, None);
    assert_eq!(piped.lines().count(), 2, "{piped}");
}

#[test]
fn times_and_lengths() {
    assert_eq!(cell::rfc3339(1_767_225_599), "2025-12-31T23:59:59Z");
    for (seconds, text) in [
        (0, "0 s"),
        (59, "59 s"),
        (3_600, "1 h"),
        (90_061, "1 d 1 h"),
    ] {
        assert_eq!(Cell::Seconds(seconds).human(), text);
    }
}
